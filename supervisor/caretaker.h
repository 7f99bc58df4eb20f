// Looks after the queue for everybody: takes back what dead workers and vanished hosts held, sends
// delayed jobs on when they are due, and keeps the bodies of waiting jobs from running out of time.
// Any number of supervisors do this side by side on one Redis.
#pragma once

#include <string>

#include "common/async/scope.h"
#include "common/ops/metrics.h"
#include "common/ops/options.h"
#include "common/queue/queue.h"

namespace ryumem {

class Caretaker {
 public:
  /// Begins at once, on a connection of its own; Redis may be away as long as it likes.
  explicit Caretaker(const Settings& settings);

  /// From now on by these; what takes effect at the next start only is left as it is.
  void adopt(const Settings& settings);

  /// A worker of ours is no more: its jobs go back to the queue as soon as Redis answers.
  /// `crashed`: it did not end as asked, which counts against the jobs it had in hand.
  void worker_ended(std::string owner, bool crashed);

  const CareFigures& figures() const { return figures_; }

  /// Waits a moment for what dead workers held to be taken back. Must be awaited before the
  /// destruction.
  Task<> stop();

 private:
  using Chore = Task<> (Caretaker::*)();
  Task<> every(Millis period, Chore chore);
  Task<> take_back_from(std::string owner, bool crashed);
  Task<> expire();
  Task<> take_back_strangers();
  Task<> promote();
  Task<> keep_alive();
  Task<> unpark();
  void count(const TakenBack& taken, TakenBackFrom whom);

  Millis lease_;
  Millis job_timeout_;
  Caps caps_;
  Redis redis_;
  Queue queue_;
  std::uint64_t connection_ = 0;
  Monotonic::time_point no_expiry_before_;
  CareFigures figures_;
  Cancel stopping_;
  Cancel last_;
  Scope chores_;
  Scope reclaims_;
};

}  // namespace ryumem
