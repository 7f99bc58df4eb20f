#include "common/async/scope.h"

#include <gtest/gtest.h>

#include "common/async/loop.h"
#include "common/async/timer.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::run_on_loop;

Task<> count_after(Millis delay, int& count) {
  Cancel never;
  co_await Sleep(delay, never);
  ++count;
}

Task<> fail_after(Millis delay, std::string what) {
  Cancel never;
  co_await Sleep(delay, never);
  throw Failure(Kind::transient, what);
}

TEST(Scope, JoinsAllThatItSpawned) {
  run_on_loop([]() -> Task<> {
    Scope scope;
    int count = 0;
    for (int i = 0; i < 50; ++i) scope.spawn(count_after(Millis(i % 5), count));
    EXPECT_EQ(scope.running(), 50U);
    co_await scope.join();
    EXPECT_EQ(count, 50);
    EXPECT_EQ(scope.running(), 0U);
  }());
}

TEST(Scope, StartsWhatItSpawnsInALaterTurn) {
  run_on_loop([]() -> Task<> {
    Scope scope;
    bool ran = false;
    const auto note = [](bool* flag) -> Task<> {
      *flag = true;
      co_return;
    };
    scope.spawn(note(&ran));
    EXPECT_FALSE(ran);
    co_await scope.join();
    EXPECT_TRUE(ran);
  }());
}

TEST(Scope, LetsAllFinishWhenOneFailsAndThrowsTheFirstFailure) {
  run_on_loop([]() -> Task<> {
    Scope scope;
    int count = 0;
    scope.spawn(fail_after(Millis(20), "second"));
    scope.spawn(fail_after(Millis(1), "first"));
    for (int i = 0; i < 10; ++i) scope.spawn(count_after(Millis(30), count));
    std::string what;
    try {
      co_await scope.join();
    } catch (const Failure& failure) {
      what = failure.what();
    }
    EXPECT_EQ(what, "first");
    EXPECT_EQ(count, 10);
  }());
}

TEST(Scope, MayBeUsedAgainAfterAFailure) {
  run_on_loop([]() -> Task<> {
    Scope scope;
    int count = 0;
    scope.spawn(fail_after(Millis(0), "once"));
    bool failed = false;
    try {
      co_await scope.join();
    } catch (const Failure&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
    scope.spawn(count_after(Millis(0), count));
    co_await scope.join();
    EXPECT_EQ(count, 1);
  }());
}

TEST(Scope, JoinsWhatIsSpawnedWhileItJoins) {
  run_on_loop([]() -> Task<> {
    Scope scope;
    int count = 0;
    const auto spawn_more = [](Scope& into, int& counted) -> Task<> {
      Cancel never;
      co_await Sleep(Millis(1), never);
      for (int i = 0; i < 3; ++i) into.spawn(count_after(Millis(1), counted));
    };
    scope.spawn(spawn_more(scope, count));
    co_await scope.join();
    EXPECT_EQ(count, 3);
  }());
}

TEST(Scope, JoinsAtOnceWhenNothingRuns) {
  run_on_loop([]() -> Task<> {
    Scope scope;
    co_await scope.join();
  }());
}

TEST(ScopeDeathTest, AbortsWhenItsCoroutinesWouldOutliveIt) {
  const auto leave = [] {
    Loop loop;
    loop.run([]() -> Task<> {
      int count = 0;
      Scope scope;
      scope.spawn(count_after(Millis(1), count));
      co_return;
    }());
  };
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(leave(), "scope was destroyed");
}

}  // namespace
}  // namespace ryumem
