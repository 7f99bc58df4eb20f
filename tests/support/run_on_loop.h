// Tests written as coroutines.
#pragma once

#include "common/async/loop.h"
#include "common/async/task.h"
#include "common/base/clock.h"

namespace ryumem::test {

/// Runs `body` on a fresh loop and rethrows what it throws; the loop's end aborts if a handle was
/// leaked. When `limit` passes first, the test process ends at once with a message, since a
/// suspended coroutine cannot be taken down (ctest gives each test a process of its own).
/// ASSERT_ macros do not work in a coroutine, as they return; EXPECT_ and ADD_FAILURE() do, and so
/// does throwing.
///
///   run_on_loop([]() -> Task<> { co_await something(); }());
void run_on_loop(Task<> body, Millis limit = Seconds(20));

}  // namespace ryumem::test
