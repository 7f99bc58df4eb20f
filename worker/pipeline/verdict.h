// What becomes of a job whose attempt failed: decided in pure functions, from the kind of the
// failure and what the job has behind it.
#pragma once

#include <optional>

#include "common/base/clock.h"
#include "common/base/failure.h"

namespace ryumem {

enum class Verdict {
  delay,      // another attempt later, one more on its count
  bury,       // for good: a dead letter, and the server is told
  give_back,  // back to the queue, nothing counted
  let_go,     // somebody else has it: write nothing
};

/// `retry_count` and `max_retries` as in the job's body; the attempt that just failed counts one.
Verdict verdict_on(Kind kind, int retry_count, int max_retries);

/// How long the job waits after its n-th failed attempt (n from 1): `dice` (0 … 1) of
/// min(longest, first·2^(n-1)), and never less than the peer asked for.
Millis retry_delay(int attempt, Millis first, Millis longest, double dice,
                   std::optional<Millis> asked_for);

}  // namespace ryumem
