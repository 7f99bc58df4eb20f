// How often, and how far apart, a call to a model is tried in place.
#pragma once

#include "common/net/retry.h"
#include "common/ops/options.h"

namespace ryumem {

inline RetryPolicy call_policy(const Settings& settings) {
  constexpr Millis kFirstPause{500};
  constexpr Millis kLongestPause{15'000};
  // A minute's limit is waited for with the job in hand: its attempt is not the worse for it.
  constexpr Millis kLongestHint{120'000};
  return RetryPolicy(settings.call_tries, kFirstPause, kLongestPause, kLongestHint);
}

}  // namespace ryumem
