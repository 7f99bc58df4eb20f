#include "common/async/cancel.h"

#include <gtest/gtest.h>

#include <memory>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::run_on_loop;

const Failure kWhy(Kind::stopping, "enough");

TEST(Cancel, KeepsTheFirstReason) {
  Cancel cancel;
  EXPECT_FALSE(cancel.requested());
  cancel.throw_if_requested();
  cancel.request(Failure(Kind::stopping, "first"));
  cancel.request(Failure(Kind::transient, "second"));
  EXPECT_TRUE(cancel.requested());
  try {
    cancel.throw_if_requested();
    ADD_FAILURE() << "did not throw";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::stopping);
    EXPECT_STREQ(failure.what(), "first");
  }
}

// What a wait threw when it was cancelled, or "" if it ended by itself.
template <class Awaitable>
Task<std::string> outcome(Awaitable& waiting) {
  try {
    co_await waiting;
  } catch (const Failure& failure) {
    co_return failure.what();
  }
  co_return "";
}

Task<> request_in_a_turn(Cancel& cancel) {
  Cancel never;
  co_await Sleep(Millis(0), never);
  cancel.request(kWhy);
}

// Cancels `waiting` before it begins, or while it waits.
template <class Make>
Task<> expect_cancelled(bool before, Make make) {
  Cancel cancel;
  Scope scope;
  if (before) cancel.request(kWhy);
  if (!before) scope.spawn(request_in_a_turn(cancel));
  auto waiting = make(cancel);
  const std::string what = co_await outcome(waiting);
  EXPECT_EQ(what, "enough") << (before ? "before" : "while it waits");
  co_await scope.join();
}

// A wait that is neither copied nor moved, behind a pointer.
template <class Wait>
struct Held {
  std::unique_ptr<Wait> wait;
  explicit Held(Wait* the_wait) : wait(the_wait) {}
  bool await_ready() { return wait->await_ready(); }
  template <class Handle>
  void await_suspend(Handle handle) {
    wait->await_suspend(handle);
  }
  void await_resume() { (void)wait->await_resume(); }
};

TEST(Cancel, EndsEveryKindOfWait) {
  run_on_loop([]() -> Task<> {
    static Notice notice;
    static Semaphore semaphore(0);
    const auto sleep = [](Cancel& cancel) { return Held<Sleep>(new Sleep(Seconds(60), cancel)); };
    const auto wait = [](Cancel& cancel) {
      return Held<Notice::Waiting>(new Notice::Waiting(notice, cancel));
    };
    const auto acquire = [](Cancel& cancel) {
      return Held<Semaphore::Acquire>(new Semaphore::Acquire(semaphore, cancel));
    };
    for (const bool before : {true, false}) {
      co_await expect_cancelled(before, sleep);
      co_await expect_cancelled(before, wait);
      co_await expect_cancelled(before, acquire);
    }
    EXPECT_EQ(semaphore.waiting(), 0U);
  }());
}

TEST(Cancel, WakesAllWhoWait) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    Scope scope;
    int cancelled = 0;
    const auto sleeper = [](Cancel& given, int* count) -> Task<> {
      try {
        co_await Sleep(Seconds(60), given);
      } catch (const Failure&) {
        ++*count;
      }
    };
    for (int i = 0; i < 100; ++i) scope.spawn(sleeper(cancel, &cancelled));
    scope.spawn(request_in_a_turn(cancel));
    co_await scope.join();
    EXPECT_EQ(cancelled, 100);
  }());
}

TEST(Cancel, ComesTooLateForAWaitThatWasWoken) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    Notice notice;
    Scope scope;
    bool woken = false;
    const auto waiter = [](Notice& given, Cancel& its_cancel, bool* done) -> Task<> {
      co_await given.wait(its_cancel);
      *done = true;
    };
    scope.spawn(waiter(notice, cancel, &woken));
    Cancel never;
    co_await Sleep(Millis(0), never);
    notice.notify();
    cancel.request(kWhy);
    co_await scope.join();
    EXPECT_TRUE(woken);
  }());
}

TEST(Cancel, MayOutliveItsWaitersAndTheyIt) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    for (int i = 0; i < 10; ++i) co_await Sleep(Millis(0), cancel);
    cancel.request(kWhy);
  }());
}

TEST(LinkedCancel, IsRequestedWithItsParentAndForTheSameReason) {
  Cancel parent;
  LinkedCancel before(parent);
  parent.request(kWhy);
  LinkedCancel after(parent);
  ASSERT_TRUE(before.requested());
  ASSERT_TRUE(after.requested());
  EXPECT_STREQ(before.why()->what(), "enough");
  EXPECT_STREQ(after.why()->what(), "enough");
}

TEST(LinkedCancel, LeavesItsParentAndItsSiblingsAlone) {
  Cancel parent;
  LinkedCancel first(parent);
  const LinkedCancel second(parent);
  first.request(kWhy);
  EXPECT_FALSE(parent.requested());
  EXPECT_FALSE(second.requested());
  parent.request(Failure(Kind::stopping, "later"));
  EXPECT_STREQ(first.why()->what(), "enough");
}

TEST(LinkedCancel, MayGoBeforeItsParentIsRequested) {
  Cancel parent;
  { const LinkedCancel linked(parent); }
  parent.request(kWhy);
  EXPECT_TRUE(parent.requested());
}

// What has begun goes on, what has not does not begin.
TEST(Cancel, MayHaveABeginningThatEndsBeforeIt) {
  run_on_loop([]() -> Task<> {
    Cancel work;
    co_await work.permission();
    EXPECT_EQ(&work.beginning(), &work);
    LinkedCancel enough(work);
    work.set_beginning(enough);
    co_await work.permission();
    enough.request(kWhy);
    co_await Sleep(Millis(1), work);
    std::string refused;
    try {
      co_await work.permission();
    } catch (const Failure& failure) {
      refused = failure.what();
    }
    EXPECT_EQ(refused, "enough");
    EXPECT_FALSE(work.requested());
  }());
}

}  // namespace
}  // namespace ryumem
