#include "worker/shutdown.h"

#include <gtest/gtest.h>

#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::run_on_loop;

TEST(Shutdown, StopsClaimsFirstAndTheWorkWhenItsTimeIsOver) {
  run_on_loop([]() -> Task<> {
    Shutdown shutdown(Millis(100));
    EXPECT_FALSE(shutdown.claims.requested());
    shutdown.begin("asked to stop");
    EXPECT_TRUE(shutdown.claims.requested());
    EXPECT_EQ(shutdown.claims.why()->kind(), Kind::stopping);
    EXPECT_FALSE(shutdown.work.requested());
    const std::function<bool()> stopped = [&] { return shutdown.work.requested(); };
    co_await eventually("the work is stopped", Seconds(10), stopped);
    EXPECT_EQ(shutdown.work.why()->kind(), Kind::stopping);
    EXPECT_FALSE(shutdown.last.requested());
  }());
}

TEST(Shutdown, KeepsItsFirstReasonAndItsFirstTime) {
  run_on_loop([]() -> Task<> {
    Shutdown shutdown(Seconds(600));
    shutdown.begin("first");
    shutdown.begin("second");
    EXPECT_STREQ(shutdown.claims.why()->what(), "first");
    EXPECT_FALSE(shutdown.work.requested());
    co_return;
  }());
}

TEST(Shutdown, StopsTheWorkAtOnceInAHurry) {
  run_on_loop([]() -> Task<> {
    Shutdown shutdown(Seconds(600));
    shutdown.hurry();
    EXPECT_TRUE(shutdown.claims.requested());
    EXPECT_TRUE(shutdown.work.requested());
    EXPECT_FALSE(shutdown.last.requested());
    // What cannot be written down either is given up, so that the process ends.
    const std::function<bool()> over = [&] { return shutdown.last.requested(); };
    co_await eventually("nothing is waited for any more", Seconds(15), over);
    EXPECT_EQ(shutdown.last.why()->kind(), Kind::stopping);
  }());
}

}  // namespace
}  // namespace ryumem
