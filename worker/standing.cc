#include "worker/standing.h"

#include <spdlog/spdlog.h>

#include "common/ops/metrics.h"

namespace ryumem {

void Standing::told(bool quiet) noexcept {
  told_ = quiet;
  look();
}

void Standing::look() noexcept {
  const bool quiet = told_ || place_.supervisor_wants_quiet();
  if (quiet == quiet_.on()) return;
  spdlog::info(quiet ? "quiet: no new jobs" : "no longer quiet");
  quiet_.set(quiet);
  if (up(state_of(place_.slot()))) ready();
}

void Standing::ready() noexcept { say(quiet_.on() ? WorkerState::quiet : WorkerState::ready); }

void Standing::draining() noexcept { say(WorkerState::draining); }

void Standing::say(WorkerState state) noexcept {
  place_.slot().state.store(static_cast<std::uint64_t>(state));
}

}  // namespace ryumem
