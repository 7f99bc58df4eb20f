// The one retry layer for calls: tries again in place what failed in passing. What is still failing
// after that is the job's affair.
#pragma once

#include <optional>

#include "common/async/task.h"
#include "common/async/timer.h"
#include "common/base/backoff.h"

namespace ryumem {

struct RetryPolicy {
  int tries;           // in all
  Millis first_pause;  // ceiling of the first pause; it doubles each time
  Millis longest_pause;
  Millis longest_hint;  // of the peer that is waited for

  RetryPolicy(int the_tries, Millis first, Millis longest)
      : RetryPolicy(the_tries, first, longest, longest) {}
  RetryPolicy(int the_tries, Millis first, Millis longest, Millis hint)
      : tries(the_tries), first_pause(first), longest_pause(longest), longest_hint(hint) {}
};

/// Awaits `make()` until it gives a result, fails for good (any kind but transient and
/// unreachable), has failed
/// `policy.tries` times, or is cancelled; the last failure is thrown. A peer's Retry-After goes
/// before our own pause; one longer than the policy allows ends the tries.
/// `make` returns a Task<Result>; it may capture references that outlive the call.
template <class Result, class Make>
Task<Result> retrying(RetryPolicy policy, Make make, Cancel& cancel) {
  Backoff backoff(policy.first_pause, policy.longest_pause);
  for (int attempt = 1;; ++attempt) {
    Millis pause(0);
    try {
      Result result = co_await make();
      co_return result;
    } catch (const Failure& failure) {
      const bool passing = failure.kind() == Kind::transient || failure.kind() == Kind::unreachable;
      if (!passing || attempt >= policy.tries) throw;
      const std::optional<Millis> hint = failure.retry_after();
      if (hint && *hint > policy.longest_hint) throw;
      const Millis own = backoff.next();
      pause = hint ? *hint + own : own;
    }
    co_await Sleep(pause, cancel.beginning());
  }
}

}  // namespace ryumem
