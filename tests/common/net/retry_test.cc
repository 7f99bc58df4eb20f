#include "common/net/retry.h"

#include <gtest/gtest.h>

#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::run_on_loop;

// Fails so many times, then gives 7.
struct Flaky {
  int failures;
  Failure failure;
  int calls = 0;

  Flaky(int times, Failure what) : failures(times), failure(std::move(what)) {}
  Task<int> call() {
    if (++calls <= failures) throw failure;
    co_return 7;
  }
};

Task<std::string> outcome(Flaky& flaky, RetryPolicy policy, Cancel& cancel) {
  const auto make = [&flaky] { return flaky.call(); };
  try {
    const int result = co_await retrying<int>(policy, make, cancel);
    co_return std::to_string(result) + " after " + std::to_string(flaky.calls);
  } catch (const Failure& failure) {
    co_return std::string(failure.what()) + " after " + std::to_string(flaky.calls);
  }
}

const RetryPolicy kThree(3, Millis(1), Millis(5));

TEST(Retrying, TriesAgainWhatFailedInPassing) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    Flaky flaky(2, Failure(Kind::transient, "busy"));
    const std::string ended = co_await outcome(flaky, kThree, never);
    EXPECT_EQ(ended, "7 after 3");
  }());
}

TEST(Retrying, ThrowsTheLastFailureWhenTheTriesAreSpent) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    Flaky flaky(9, Failure(Kind::transient, "busy"));
    const std::string ended = co_await outcome(flaky, kThree, never);
    EXPECT_EQ(ended, "busy after 3");
  }());
}

TEST(Retrying, DoesNotTryAgainWhatFailsForGood) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    for (const Kind kind : {Kind::outage, Kind::rejected, Kind::bad_answer, Kind::gone}) {
      Flaky flaky(9, Failure(kind, "no"));
      const std::string ended = co_await outcome(flaky, kThree, never);
      EXPECT_EQ(ended, "no after 1");
    }
  }());
}

TEST(Retrying, WaitsAtLeastAsLongAsThePeerAsks) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    Flaky flaky(1, Failure(Kind::transient, "busy").with_retry_after(Millis(60)));
    const RetryPolicy policy(3, Millis(1), Millis(1000));
    const auto from = Monotonic::now();
    const std::string ended = co_await outcome(flaky, policy, never);
    EXPECT_EQ(ended, "7 after 2");
    EXPECT_GE(Monotonic::now() - from, Millis(58));
  }());
}

TEST(Retrying, LeavesALongerHintToTheJob) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    Flaky flaky(1, Failure(Kind::transient, "busy").with_retry_after(Seconds(60)));
    const std::string ended = co_await outcome(flaky, kThree, never);
    EXPECT_EQ(ended, "busy after 1");
  }());
}

TEST(Retrying, StopsItsPauseWhenCancelled) {
  run_on_loop([]() -> Task<> {
    Cancel cancel;
    const Deadline deadline(cancel, Millis(20), Failure(Kind::stopping, "enough"));
    Flaky flaky(99, Failure(Kind::transient, "busy").with_retry_after(Seconds(30)));
    const RetryPolicy policy(99, Millis(1), Seconds(60));
    const std::string ended = co_await outcome(flaky, policy, cancel);
    EXPECT_EQ(ended, "enough after 1");
  }());
}

TEST(Retrying, TriesNothingAgainWhenNothingMoreIsToBeBegun) {
  run_on_loop([]() -> Task<> {
    Cancel work;
    LinkedCancel enough(work);
    work.set_beginning(enough);
    enough.request(Failure(Kind::transient, "enough"));
    Flaky flaky(9, Failure(Kind::transient, "busy"));
    const std::string ended = co_await outcome(flaky, kThree, work);
    EXPECT_EQ(ended, "enough after 1");
  }());
}

}  // namespace
}  // namespace ryumem
