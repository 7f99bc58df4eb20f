// ryumemctl enqueue: puts episodes into the queue and shows how they get on.
#pragma once

#include <string>
#include <vector>

#include "common/queue/queue.h"
#include "ctl/episodes.h"

namespace ryumem {

/// How the jobs of one call ended.
struct Tally {
  std::size_t completed = 0;
  std::size_t failed = 0;
  std::size_t vanished = 0;  // no body under its key any more
  Tally() = default;
  std::size_t ended() const { return completed + failed + vanished; }
};

/// Enqueues all of them, in order.
Task<> enqueue_all(Queue& queue, const std::vector<Job>& jobs, Cancel& cancel);

/// Waits until every job has ended, printing a line of progress to stderr whenever something has
/// changed. Looks into Redis a few times a second, since nothing there tells of a job's end.
Task<Tally> await_all(Queue& queue, std::vector<std::string> ids, Cancel& cancel);

}  // namespace ryumem
