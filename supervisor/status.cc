#include "supervisor/status.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "common/base/clock.h"
#include "common/ops/version.h"

namespace ryumem {

CircuitSummary circuit_to(const Scoreboard& board, Dependency on, std::uint64_t now_ns) {
  CircuitSummary summary;
  bool probing = false;
  for (int i = 0; i < board.slots(); ++i) {
    if (!present(state_of(board.slot(i)))) continue;
    ++summary.workers;
    const CircuitView& circuit = board.slot(i).of(on);
    const std::string reason = circuit.reason_text();
    if (reason.empty()) continue;
    ++summary.open;
    probing =
        probing || circuit.state.load() == static_cast<std::uint64_t>(CircuitState::half_open);
    summary.reason = reason;
    const std::uint64_t probe = circuit.probe_ns.load();
    const std::uint64_t left = probe > now_ns ? probe - now_ns : 0;
    summary.next_probe_ns = std::min(summary.next_probe_ns.value_or(left), left);
  }
  if (summary.workers == 0)
    summary.state = "unknown";
  else if (summary.open == 0)
    summary.state = "closed";
  else if (summary.open < summary.workers)
    summary.state = "partly open";
  else
    summary.state = probing ? "half_open" : "open";
  return summary;
}

std::vector<std::string> reasons_not_ready(const Status& status) {
  std::vector<std::string> reasons;
  if (!status.figures.redis_up) reasons.push_back("redis: " + status.redis_trouble);
  int ready = 0;
  for (int i = 0; i < status.board.slots(); ++i) ready += up(state_of(status.board.slot(i)));
  if (ready == 0)
    reasons.push_back(fmt::format("workers: 0 of {} ready", status.figures.workers_wanted));
  for (const std::string& trouble : status.pool_troubles)
    reasons.push_back("pool degraded: " + trouble);
  for (int i = 0; i < static_cast<int>(Dependency::count); ++i) {
    const auto on = static_cast<Dependency>(i);
    const CircuitSummary circuit = circuit_to(status.board, on, monotonic_ns());
    // One worker that gets through is enough.
    if (circuit.workers > 0 && circuit.open == circuit.workers)
      reasons.push_back(fmt::format("circuit {}: {}", name(on), circuit.reason));
  }
  if (status.quiet) reasons.push_back("quiet: told to take no new jobs; CONT ends it");
  for (const Pause& pause : status.pauses)
    if (holding({pause}, status.pausable_by) != nullptr)
      reasons.push_back("paused: " + pause.text());
  if (status.draining) reasons.push_back("draining: asked to stop");
  return reasons;
}

Member introduction(const Status& status) {
  Member own;
  own.name = status.name;
  own.host = status.host;
  own.pid = getpid();
  own.version = program_version();
  own.uptime = status.now - status.figures.started_at;
  const std::vector<std::string> reasons = reasons_not_ready(status);
  own.ready = reasons.empty();
  if (!own.ready) own.reason = reasons.front();
  own.workers_wanted = status.figures.workers_wanted;
  for (int i = 0; i < status.board.slots(); ++i) {
    const Slot& slot = status.board.slot(i);
    own.workers_ready += up(state_of(slot));
    own.in_hand += static_cast<std::int64_t>(slot.jobs_in_hand.load());
    own.completed += static_cast<std::int64_t>(slot.jobs[Outcome::completed].load());
  }
  return own;
}

}  // namespace ryumem
