#include "common/async/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "common/async/timer.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::run_on_loop;

Task<int> ready(int value) { co_return value; }

Task<int> after_a_turn(int value) {
  Cancel never;
  co_await Sleep(Millis(0), never);
  co_return value;
}

Task<> fail_now() {
  throw Failure(Kind::refused, "now");
  co_return;
}

Task<> fail_later() {
  Cancel never;
  co_await Sleep(Millis(0), never);
  throw Failure(Kind::refused, "later");
}

TEST(Task, DoesNothingUntilItIsAwaited) {
  run_on_loop([]() -> Task<> {
    bool ran = false;
    const auto note = [](bool* flag) -> Task<> {
      *flag = true;
      co_return;
    };
    Task<> task = note(&ran);
    EXPECT_FALSE(ran);
    co_await std::move(task);
    EXPECT_TRUE(ran);
  }());
}

TEST(Task, MayBeDroppedWithoutBeingAwaited) {
  const auto witness = std::make_shared<int>(1);
  {
    const auto hold = [](std::shared_ptr<int>) -> Task<> { co_return; };
    const Task<> task = hold(witness);
    EXPECT_EQ(witness.use_count(), 2);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(Task, GivesItsResultWhetherItSuspendsOrNot) {
  run_on_loop([]() -> Task<> {
    const int first = co_await ready(1);
    const int second = co_await after_a_turn(2);
    EXPECT_EQ(first, 1);
    EXPECT_EQ(second, 2);
  }());
}

Task<std::unique_ptr<std::string>> make_text(std::string text) {
  co_return std::make_unique<std::string>(std::move(text));
}

TEST(Task, GivesResultsThatOnlyMove) {
  run_on_loop([]() -> Task<> {
    const std::unique_ptr<std::string> text = co_await make_text("moved");
    EXPECT_EQ(*text, "moved");
  }());
}

Task<std::string> what_of(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Failure& failure) {
    co_return failure.what();
  }
  co_return "nothing";
}

TEST(Task, ThrowsWhereItIsAwaited) {
  run_on_loop([]() -> Task<> {
    const std::string at_once = co_await what_of(fail_now());
    const std::string then = co_await what_of(fail_later());
    EXPECT_EQ(at_once, "now");
    EXPECT_EQ(then, "later");
  }());
}

TEST(Task, LetsTheLoopRethrowWhatItThrows) {
  EXPECT_THROW(run_on_loop(fail_now()), Failure);
  EXPECT_THROW(run_on_loop(fail_later()), Failure);
}

TEST(Task, FreesItsFrameWhenItIsDone) {
  const auto witness = std::make_shared<int>(1);
  const auto main = [](std::shared_ptr<int> held) -> Task<> {
    const auto hold = [](std::shared_ptr<int> inner) -> Task<> {
      Cancel never;
      co_await Sleep(Millis(0), never);
      EXPECT_GE(inner.use_count(), 3);  // ours, main's and this one
    };
    co_await hold(held);
    EXPECT_EQ(held.use_count(), 2);
  };
  run_on_loop(main(witness));
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(Task, AwaitsAMillionReadyTasksInARow) {
  run_on_loop([]() -> Task<> {
    long long sum = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      const int value = co_await ready(1);
      sum += value;
    }
    EXPECT_EQ(sum, 1'000'000);
  }());
}

Task<int> nested(int depth) {
  if (depth == 0) co_return co_await after_a_turn(0);
  const int below = co_await nested(depth - 1);
  co_return below + 1;
}

Task<> nested_failure(int depth) {
  if (depth == 0) co_await fail_later();
  if (depth > 0) co_await nested_failure(depth - 1);
}

TEST(Task, UnwindsDeepNestingFromTheReadyQueueNotTheStack) {
  run_on_loop([]() -> Task<> {
    const int depth = co_await nested(2000);
    EXPECT_EQ(depth, 2000);
    const std::string what = co_await what_of(nested_failure(500));
    EXPECT_EQ(what, "later");
  }());
}

}  // namespace
}  // namespace ryumem
