// Waiting for something to become true, with a deadline: for what has no event to wait on.
#pragma once

#include <functional>

#include "common/async/task.h"
#include "common/base/clock.h"

namespace ryumem::test {

/// Looks every 2 ms, blocking this thread; false if `limit` passed first. For tests without a loop:
/// EXPECT_TRUE(wait_until(Seconds(5), [&] { return server.connected(); }));
bool wait_until(Millis limit, const std::function<bool()>& predicate);

/// The same in a coroutine, so that the loop goes on meanwhile; throws Failure(Kind::internal)
/// naming `what` if `limit` passed first. The predicate is named on a line of its own:
///   const std::function<bool()> idle = [&] { return scope.running() == 0; };
///   co_await eventually("the scope is idle", Seconds(5), idle);
Task<> eventually(const char* what, Millis limit, std::function<bool()> predicate);

}  // namespace ryumem::test
