#include "ctl/enqueue.h"

#include <fmt/format.h>

#include <cstdio>

#include "common/async/timer.h"

namespace ryumem {
namespace {

constexpr Millis kLookAgain{150};

}  // namespace

Task<> enqueue_all(Queue& queue, const std::vector<Job>& jobs, Cancel& cancel) {
  for (const Job& job : jobs) co_await queue.enqueue(job, cancel);
}

Task<Tally> await_all(Queue& queue, const std::vector<Job>& jobs, Cancel& cancel) {
  const Monotonic::time_point began = Monotonic::now();
  std::vector<bool> ended(jobs.size(), false);
  Tally tally;
  std::string shown;
  for (;;) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (ended[i]) continue;
      const JobStatus status = co_await queue.status(jobs[i].id, cancel);
      tally.completed += status == JobStatus::completed;
      tally.failed += status == JobStatus::failed;
      tally.vanished += status == JobStatus::unknown;
      ended[i] = status != JobStatus::pending && status != JobStatus::processing;
    }
    const Depths depths = co_await queue.depths(cancel);
    const std::string line = fmt::format(
        "{} of {} episodes done, {} failed; queue: {} waiting, {} in hand", tally.ended(),
        jobs.size(), tally.failed + tally.vanished, depths.pending, depths.processing);
    if (line != shown)
      fmt::print(stderr, "{:6.1f} s  {}\n", seconds_between(began, Monotonic::now()), line);
    shown = line;
    if (tally.ended() == jobs.size()) co_return tally;
    co_await Sleep(kLookAgain, cancel);
  }
}

}  // namespace ryumem
