// The signals that the supervisor obeys: what each does, and how often it came.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "common/async/signals.h"
#include "common/ops/metrics.h"

namespace ryumem {

class SignalDesk {
 public:
  /// From now on the signal calls `action`, which must not throw, instead of what the system would
  /// do. Throws Failure(Kind::system).
  void on(Signal signal, std::function<void()> action);

  const SignalCounts& counts() const { return counts_; }

 private:
  std::array<std::unique_ptr<SignalWatch>, static_cast<std::size_t>(Signal::count)> watches_;
  SignalCounts counts_{};
};

}  // namespace ryumem
