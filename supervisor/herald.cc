#include "supervisor/herald.h"

#include <fmt/format.h>

#include <algorithm>

namespace ryumem {
namespace {

// How often it is looked whether there is something to tell; more often until we are ready, since
// others may wait for that.
constexpr Millis kTurn{1'000};
constexpr Millis kTurnAtFirst{100};
// Asked for at each sign of progress in a drain; longer than a model takes for an answer.
constexpr Seconds kMoreTime{30};

}  // namespace

Herald::Herald(const Environment& environment, std::function<Tidings()> look)
    : socket_(environment), look_(std::move(look)) {
  if (!socket_.open()) return;
  turns_.every(kTurnAtFirst, [this] { turn(); });
  const Millis limit = watchdog_limit(environment);
  if (limit > Millis(0)) watchdog_.every(std::max(limit / 2, Millis(1)), [this] { wag(); });
}

void Herald::reloading() noexcept {
  if (phase_ == Phase::ready) enter(Phase::reloading);
}

void Herald::reloaded() noexcept {
  if (phase_ == Phase::reloading) enter(Phase::ready);
}

void Herald::stopping() noexcept {
  if (!socket_.open()) return;
  progress_ = look_().progress;
  enter(Phase::stopping);
}

void Herald::turn() noexcept {
  const Tidings now = look_();
  if (phase_ == Phase::starting && now.worker_ready) {
    enter(Phase::ready);
    turns_.every(kTurn, [this] { turn(); });
  }
  if (!told_) tell_phase();
  if (phase_ == Phase::stopping) ask_for_time(now.progress);
  tell_line(now.line);
}

void Herald::enter(Phase phase) noexcept {
  phase_ = phase;
  tell_phase();
}

// What finds no room is told at the next turn.
void Herald::tell_phase() noexcept {
  switch (phase_) {
    case Phase::starting:
      told_ = true;
      return;
    case Phase::ready:
      told_ = socket_.say("READY=1");
      return;
    case Phase::reloading:
      told_ = socket_.say(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_ns() / 1000));
      return;
    case Phase::stopping:
      told_ = socket_.say("STOPPING=1");
      return;
  }
}

void Herald::tell_line(const std::string& line) noexcept {
  if (line != line_ && socket_.say("STATUS=" + line)) line_ = line;
}

void Herald::ask_for_time(std::uint64_t progress) noexcept {
  if (progress == progress_) return;
  const auto micros = std::chrono::microseconds(kMoreTime).count();
  if (socket_.say(fmt::format("EXTEND_TIMEOUT_USEC={}", micros))) progress_ = progress;
}

// That this is called says that the loop turns.
void Herald::wag() noexcept {
  if (look_().quorum) socket_.say("WATCHDOG=1");
}

}  // namespace ryumem
