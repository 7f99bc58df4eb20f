// How long to wait before the next try: exponential with full jitter, so that many who failed
// together do not come back together.
#pragma once

#include "common/base/clock.h"

namespace ryumem {

class Backoff {
 public:
  /// The n-th pause is drawn evenly from 0 … min(longest, first·2^(n-1)).
  Backoff(Millis first, Millis longest) : first_(first), longest_(longest) {}

  Millis next();
  void reset() { tries_ = 0; }

  /// The upper end of the n-th pause (n from 1), before the dice.
  static Millis ceiling(Millis first, Millis longest, int n);

 private:
  Millis first_;
  Millis longest_;
  int tries_ = 0;
};

/// An even draw from [0, 1); seeded from the operating system once per process.
double random_fraction();

}  // namespace ryumem
