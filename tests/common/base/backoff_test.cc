#include "common/base/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace ryumem {
namespace {

TEST(Backoff, DoublesItsCeilingUpToTheLongest) {
  EXPECT_EQ(Backoff::ceiling(Millis(100), Millis(1000), 1), Millis(100));
  EXPECT_EQ(Backoff::ceiling(Millis(100), Millis(1000), 2), Millis(200));
  EXPECT_EQ(Backoff::ceiling(Millis(100), Millis(1000), 4), Millis(800));
  EXPECT_EQ(Backoff::ceiling(Millis(100), Millis(1000), 5), Millis(1000));
  EXPECT_EQ(Backoff::ceiling(Millis(100), Millis(1000), 1'000'000), Millis(1000));
}

TEST(Backoff, DrawsEachPauseBelowItsCeiling) {
  for (int round = 0; round < 200; ++round) {
    Backoff backoff(Millis(100), Millis(1000));
    for (int n = 1; n <= 8; ++n) {
      const Millis pause = backoff.next();
      EXPECT_GE(pause, Millis(0));
      EXPECT_LE(pause, Backoff::ceiling(Millis(100), Millis(1000), n));
    }
  }
}

TEST(Backoff, StartsOverAfterAReset) {
  Backoff backoff(Millis(10), Millis(100'000));
  for (int n = 0; n < 10; ++n) backoff.next();
  backoff.reset();
  EXPECT_LE(backoff.next(), Millis(10));
}

TEST(Backoff, DoesNotDrawTheSameForAll) {
  std::set<Millis> pauses;
  for (int i = 0; i < 50; ++i) pauses.insert(Backoff(Millis(100'000), Millis(100'000)).next());
  EXPECT_GT(pauses.size(), 40U);
}

TEST(RandomFraction, StaysBelowOne) {
  for (int i = 0; i < 1000; ++i) {
    const double fraction = random_fraction();
    EXPECT_GE(fraction, 0.0);
    EXPECT_LT(fraction, 1.0);
  }
}

}  // namespace
}  // namespace ryumem
