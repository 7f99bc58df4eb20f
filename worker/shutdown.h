// How a worker ends: first no new jobs, then the jobs in hand are given back, then nothing is
// waited for any more. Each stage is a Cancel that the work listens to.
#pragma once

#include <string>

#include "common/async/timer.h"

namespace ryumem {

class Shutdown {
 public:
  /// `grace`: how long jobs in hand may go on after begin().
  explicit Shutdown(Millis grace) : grace_(grace) {}

  Cancel claims;  // no new jobs
  Cancel work;    // jobs in hand stop where they are, and are given back
  Cancel last;    // outcomes that could not be written are left to be reclaimed

  /// Begins the stages; later calls change nothing.
  void begin(const std::string& reason);
  /// Stops the work now: the operator is in a hurry.
  void hurry();

 private:
  Millis grace_;
  Timer work_timer_;
  Timer last_timer_;
};

}  // namespace ryumem
