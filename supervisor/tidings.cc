#include "supervisor/tidings.h"

#include <fmt/format.h>

#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::size_t kLongestReason = 200;

// Jobs settled, steps done, workers gone.
std::uint64_t progress_on(const Scoreboard& board) {
  std::uint64_t sum = 0;
  for (int i = 0; i < board.slots(); ++i) {
    const Slot& slot = board.slot(i);
    sum += !present(state_of(slot));
    for (int at = 0; at < static_cast<int>(Outcome::count); ++at)
      sum += slot.jobs[static_cast<Outcome>(at)].load();
    for (const Durations& step : slot.steps)
      for (const Count& bucket : step.buckets) sum += bucket.load();
  }
  return sum;
}

std::string line_on(const Status& status, int ready, int workers) {
  std::uint64_t in_hand = 0;
  for (int i = 0; i < status.board.slots(); ++i)
    in_hand += status.board.slot(i).jobs_in_hand.load();
  if (status.draining)
    return fmt::format("draining: {} workers finish {} jobs in hand", workers, in_hand);
  std::string line = fmt::format("{} of {} workers ready, {} jobs in hand", ready,
                                 status.figures.workers_wanted, in_hand);
  if (status.figures.pending) line += fmt::format(", {} waiting", *status.figures.pending);
  const std::vector<std::string> reasons = reasons_not_ready(status);
  if (!reasons.empty()) line += "; " + excerpt(reasons.front(), kLongestReason);
  return line;
}

}  // namespace

Tidings tidings(const Status& status, int present, int beating) {
  int ready = 0;
  for (int i = 0; i < status.board.slots(); ++i) ready += up(state_of(status.board.slot(i)));
  Tidings out;
  out.worker_ready = ready > 0;
  out.quorum = 2 * beating >= present;
  out.progress = progress_on(status.board);
  out.line = line_on(status, ready, present);
  return out;
}

}  // namespace ryumem
