// Whether this worker takes new jobs for now. What it has in hand goes on either way.
#pragma once

#include "common/async/sync.h"
#include "common/async/task.h"

namespace ryumem {

class Quiet {
 public:
  bool on() const { return on_; }
  void set(bool on) noexcept {
    on_ = on;
    changed_.notify();
  }
  /// Returns when jobs may be taken, at once if they may. Throws the reason of `cancel`.
  Task<> over(Cancel& cancel);

 private:
  bool on_ = false;
  Notice changed_;
};

}  // namespace ryumem
