#include "common/async/loop.h"

#include <gtest/gtest.h>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

TEST(Loop, IsTheCurrentOneOfItsThread) {
  Loop loop;
  EXPECT_EQ(&Loop::current(), &loop);
}

TEST(Loop, RunsOneMainAfterAnother) {
  Loop loop;
  int runs = 0;
  const auto main = [](int* count) -> Task<> {
    ++*count;
    co_return;
  };
  loop.run(main(&runs));
  loop.run(main(&runs));
  EXPECT_EQ(runs, 2);
}

TEST(Loop, MayBeMadeAnew) {
  for (int i = 0; i < 3; ++i) test::run_on_loop([]() -> Task<> { co_return; }());
}

TEST(Loop, LetsTimersFireWhileCoroutinesKeepTheQueueFull) {
  test::run_on_loop([]() -> Task<> {
    Cancel never;
    Notice tick;
    bool fired = false;
    Timer timer;
    timer.once(Millis(10), [&fired] { fired = true; });
    const auto spin = [](bool* stop) -> Task<> {
      Cancel forever;
      while (!*stop) co_await Sleep(Millis(0), forever);
    };
    Scope scope;
    for (int i = 0; i < 8; ++i) scope.spawn(spin(&fired));
    co_await scope.join();
    EXPECT_TRUE(fired);
  }());
}

TEST(LoopDeathTest, AbortsWhenNothingCanHappenAnyMore) {
  const auto wait_for_nothing = [] {
    Loop loop;
    loop.run([]() -> Task<> {
      Cancel never;
      Notice notice;
      co_await notice.wait(never);
    }());
  };
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(wait_for_nothing(), "can no longer happen");
}

TEST(LoopDeathTest, AbortsWhenAHandleWasLeaked) {
  const auto leak = [] {
    uv_timer_t leaked;
    Loop loop;
    uv_timer_init(loop.raw(), &leaked);
  };
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(leak(), "left open");
}

TEST(LoopDeathTest, AbortsACoroutineWithoutALoop) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(Loop::current(), "without an event loop");
}

}  // namespace
}  // namespace ryumem
