// What becomes of a job whose attempt failed: decided in one pure function, from the kind of the
// failure and what the job has behind it.
#pragma once

#include "common/base/failure.h"

namespace ryumem {

enum class Verdict {
  retry,      // back to the queue, one attempt more on its count
  fail,       // for good: the server is told, the job is marked failed
  give_back,  // to the front of the queue, nothing counted
  let_go,     // somebody else has it: write nothing
};

/// `retry_count` and `max_retries` as in the job's body; the attempt that just failed counts one.
Verdict verdict_on(Kind kind, int retry_count, int max_retries);

}  // namespace ryumem
