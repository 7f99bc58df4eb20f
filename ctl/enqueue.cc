#include "ctl/enqueue.h"

#include <fmt/format.h>

#include <cstdio>

#include "common/async/scope.h"
#include "common/async/timer.h"

namespace ryumem {
namespace {

constexpr Millis kLookAgain{150};

}  // namespace

// Side by side on one connection, which keeps their order, they cost one round trip together.
Task<> enqueue_all(Queue& queue, const std::vector<Job>& jobs, Cancel& cancel) {
  Scope scope;
  for (const Job& job : jobs) scope.spawn(queue.enqueue(job, cancel));
  co_await scope.join();
}

Task<Tally> await_all(Queue& queue, std::vector<std::string> ids, Cancel& cancel) {
  const Monotonic::time_point began = Monotonic::now();
  std::vector<bool> ended(ids.size(), false);
  Tally tally;
  std::string shown;
  for (;;) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ended[i]) continue;
      const JobStatus status = co_await queue.status(ids[i], cancel);
      tally.completed += status == JobStatus::completed;
      tally.failed += status == JobStatus::failed;
      tally.vanished += status == JobStatus::unknown;
      ended[i] = status != JobStatus::pending && status != JobStatus::processing;
    }
    const Depths depths = co_await queue.depths(cancel);
    const std::string line = fmt::format(
        "{} of {} episodes done, {} failed; queue: {} waiting, {} in hand", tally.ended(),
        ids.size(), tally.failed + tally.vanished, depths.pending, depths.processing);
    if (line != shown)
      fmt::print(stderr, "{:6.1f} s  {}\n", seconds_between(began, Monotonic::now()), line);
    shown = line;
    if (tally.ended() == ids.size()) co_return tally;
    co_await Sleep(kLookAgain, cancel);
  }
}

}  // namespace ryumem
