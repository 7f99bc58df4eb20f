#include "common/async/sync.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::run_on_loop;

struct Witness {
  int holding = 0;
  int most = 0;
  std::vector<int> order;
  std::vector<int> cancelled;
};

// Takes a permit, keeps it for a moment, and writes down what it sees.
Task<> use(Semaphore& semaphore, Cancel& cancel, Witness& witness, int number) {
  try {
    const Permit permit = co_await semaphore.acquire(cancel);
    witness.order.push_back(number);
    witness.most = std::max(witness.most, ++witness.holding);
    Cancel never;
    co_await Sleep(Millis(1), never);
    --witness.holding;
  } catch (const Failure&) {
    witness.cancelled.push_back(number);
  }
}

Task<> a_turn() {
  Cancel never;
  co_await Sleep(Millis(0), never);
}

TEST(Semaphore, LetsInSoManyAndFirstComeFirstServed) {
  run_on_loop([]() -> Task<> {
    Semaphore semaphore(3);
    Cancel never;
    Witness witness;
    Scope scope;
    std::vector<int> expected;
    for (int i = 0; i < 20; ++i) {
      scope.spawn(use(semaphore, never, witness, i));
      expected.push_back(i);
    }
    co_await scope.join();
    EXPECT_EQ(witness.most, 3);
    EXPECT_EQ(witness.order, expected);
    EXPECT_EQ(semaphore.free(), 3U);
    EXPECT_EQ(semaphore.waiting(), 0U);
  }());
}

TEST(Semaphore, HandsAPermitOverSoThatNobodyOvertakes) {
  run_on_loop([]() -> Task<> {
    Semaphore semaphore(1);
    Cancel never;
    Witness witness;
    Scope scope;
    std::optional<Permit> held;
    Permit first = co_await semaphore.acquire(never);
    held.emplace(std::move(first));
    scope.spawn(use(semaphore, never, witness, 1));
    co_await a_turn();
    EXPECT_EQ(semaphore.waiting(), 1U);
    held.reset();
    // The permit is on its way to the one who waited: nothing is free in between.
    EXPECT_EQ(semaphore.free(), 0U);
    scope.spawn(use(semaphore, never, witness, 2));
    co_await scope.join();
    EXPECT_EQ(witness.order, (std::vector<int>{1, 2}));
    EXPECT_EQ(semaphore.free(), 1U);
  }());
}

TEST(Semaphore, ForgetsOneThatIsCancelledInTheQueue) {
  run_on_loop([]() -> Task<> {
    Semaphore semaphore(1);
    Cancel never;
    Cancel cancel;
    Witness witness;
    Scope scope;
    scope.spawn(use(semaphore, never, witness, 0));
    scope.spawn(use(semaphore, never, witness, 1));
    scope.spawn(use(semaphore, cancel, witness, 2));
    scope.spawn(use(semaphore, never, witness, 3));
    co_await a_turn();
    cancel.request(Failure(Kind::stopping, "enough"));
    co_await scope.join();
    EXPECT_EQ(witness.order, (std::vector<int>{0, 1, 3}));
    EXPECT_EQ(witness.cancelled, (std::vector<int>{2}));
    EXPECT_EQ(semaphore.free(), 1U);
  }());
}

TEST(Semaphore, LosesNoPermitToACancellationThatComesAfterTheHandOver) {
  run_on_loop([]() -> Task<> {
    Semaphore semaphore(1);
    Cancel never;
    Cancel cancel;
    Witness witness;
    Scope scope;
    std::optional<Permit> held;
    Permit first = co_await semaphore.acquire(never);
    held.emplace(std::move(first));
    scope.spawn(use(semaphore, cancel, witness, 1));
    co_await a_turn();
    held.reset();
    cancel.request(Failure(Kind::stopping, "enough"));
    co_await scope.join();
    EXPECT_EQ(semaphore.free(), 1U);
    EXPECT_EQ(witness.order.size() + witness.cancelled.size(), 1U);
  }());
}

TEST(Semaphore, GivesNoPermitToTheCancelled) {
  run_on_loop([]() -> Task<> {
    Semaphore semaphore(1);
    Cancel cancel;
    Witness witness;
    cancel.request(Failure(Kind::stopping, "enough"));
    co_await use(semaphore, cancel, witness, 1);
    EXPECT_EQ(witness.cancelled, (std::vector<int>{1}));
    EXPECT_EQ(semaphore.free(), 1U);
  }());
}

Task<> count_notices(Notice& notice, int& count, const bool& stop) {
  Cancel never;
  while (!stop) {
    co_await notice.wait(never);
    ++count;
  }
}

TEST(Notice, WakesEveryoneWhoWaitsNowAndNobodyLater) {
  run_on_loop([]() -> Task<> {
    Notice notice;
    notice.notify();  // nobody waits: nothing is kept
    int count = 0;
    bool stop = false;
    Scope scope;
    scope.spawn(count_notices(notice, count, stop));
    scope.spawn(count_notices(notice, count, stop));
    co_await a_turn();
    EXPECT_EQ(count, 0);
    notice.notify();
    notice.notify();  // both are awake already
    co_await a_turn();
    EXPECT_EQ(count, 2);
    stop = true;
    notice.notify();
    co_await scope.join();
    EXPECT_EQ(count, 4);
  }());
}

}  // namespace
}  // namespace ryumem
