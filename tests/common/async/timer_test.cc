#include "common/async/timer.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "common/async/scope.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::run_on_loop;

Task<> sleep(Millis duration) {
  Cancel never;
  co_await Sleep(duration, never);
}

TEST(Sleep, LastsAsLongAsItSays) {
  run_on_loop([]() -> Task<> {
    const auto from = Monotonic::now();
    co_await sleep(Millis(60));
    // libuv counts whole milliseconds, so one may be missing.
    EXPECT_GE(Monotonic::now() - from, Millis(58));
  }());
}

TEST(Sleep, CountsFromTheCallAlsoWhenTheLoopWasBusy) {
  run_on_loop([]() -> Task<> {
    co_await sleep(Millis(0));
    std::this_thread::sleep_for(Millis(80));  // the loop's cached time is now that old
    const auto from = Monotonic::now();
    co_await sleep(Millis(60));
    EXPECT_GE(Monotonic::now() - from, Millis(58));
  }());
}

TEST(Sleep, OfAPastMomentEndsAtOnce) {
  run_on_loop([]() -> Task<> { co_await sleep(Millis(-1000)); }());
}

TEST(Sleep, ManyWakeInTheOrderOfTheirDurations) {
  run_on_loop([]() -> Task<> {
    std::vector<int> order;
    const auto note = [](int ms, std::vector<int>& into) -> Task<> {
      co_await sleep(Millis(ms));
      into.push_back(ms);
    };
    Scope scope;
    for (const int ms : {60, 20, 40, 0}) scope.spawn(note(ms, order));
    co_await scope.join();
    EXPECT_EQ(order, (std::vector<int>{0, 20, 40, 60}));
  }());
}

TEST(Timer, OnceCallsOnce) {
  run_on_loop([]() -> Task<> {
    Timer timer;
    int calls = 0;
    timer.once(Millis(1), [&calls] { ++calls; });
    co_await sleep(Millis(30));
    EXPECT_EQ(calls, 1);
  }());
}

TEST(Timer, EveryCallsAgainAndAgainUntilStopped) {
  run_on_loop([]() -> Task<> {
    Timer timer;
    int calls = 0;
    timer.every(Millis(1), [&calls] { ++calls; });
    const std::function<bool()> thrice = [&calls] { return calls >= 3; };
    co_await eventually("three calls", Seconds(5), thrice);
    timer.stop();
    const int until_now = calls;
    co_await sleep(Millis(20));
    EXPECT_EQ(calls, until_now);
  }());
}

TEST(Timer, ReplacesWhatWasStartedBefore) {
  run_on_loop([]() -> Task<> {
    Timer timer;
    std::string calls;
    timer.once(Millis(1), [&calls] { calls += "a"; });
    timer.once(Millis(2), [&calls] { calls += "b"; });
    co_await sleep(Millis(30));
    EXPECT_EQ(calls, "b");
  }());
}

TEST(Timer, MayBeStartedAnewAndDestroyedByItsFunction) {
  run_on_loop([]() -> Task<> {
    auto timer = std::make_unique<Timer>();
    std::string calls;
    timer->once(Millis(1), [&timer, &calls] {
      calls += "a";
      timer->once(Millis(1), [&timer, &calls] {
        timer.reset();
        calls += "b";
      });
    });
    const std::function<bool()> gone = [&timer] { return timer == nullptr; };
    co_await eventually("the timer is gone", Seconds(5), gone);
    EXPECT_EQ(calls, "ab");
  }());
}

TEST(Timer, DestroyedNeverCalls) {
  run_on_loop([]() -> Task<> {
    bool called = false;
    {
      Timer timer;
      timer.once(Millis(1), [&called] { called = true; });
    }
    co_await sleep(Millis(20));
    EXPECT_FALSE(called);
  }());
}

TEST(Deadline, CancelsWithItsReason) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    const Deadline deadline(cancel, Millis(5), Failure(Kind::transient, "too slow"));
    std::string what;
    try {
      co_await Sleep(Seconds(60), cancel);
    } catch (const Failure& failure) {
      what = failure.what();
    }
    EXPECT_EQ(what, "too slow");
  }());
}

TEST(Deadline, ThatHasPassedCancelsAtOnce) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    const Deadline deadline(cancel, Millis(-5), Failure(Kind::transient, "too slow"));
    const std::function<bool()> cancelled = [&cancel] { return cancel.requested(); };
    co_await eventually("the cancellation", Seconds(5), cancelled);
  }());
}

TEST(Deadline, IsCalledOffByItsDestruction) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    { const Deadline deadline(cancel, Millis(1), Failure(Kind::transient, "too slow")); }
    co_await sleep(Millis(20));
    EXPECT_FALSE(cancel.requested());
  }());
}

}  // namespace
}  // namespace ryumem
