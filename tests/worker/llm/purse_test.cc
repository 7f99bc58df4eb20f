#include "worker/llm/purse.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

Purse purse_of(double requests, double tokens, int processes = 1) {
  Purse purse;
  purse.share(PerMinute(requests, tokens), processes);
  return purse;
}

TEST(Purse, CoversEverythingWithoutALimit) {
  Purse purse;
  EXPECT_TRUE(purse.covers(1e9));
  purse.take(1e9);
  EXPECT_TRUE(purse.covers(1));
  EXPECT_EQ(purse.want(5, 10, 50), Purse::Want());
}

TEST(Purse, CoversWhatWasGranted) {
  Purse purse = purse_of(600, 6000);
  EXPECT_FALSE(purse.covers(10));
  purse.put(1, 10);
  EXPECT_TRUE(purse.covers(10));
  EXPECT_FALSE(purse.covers(11));
  purse.take(10);
  EXPECT_FALSE(purse.covers(1));
}

TEST(Purse, SettlesWhatACallTookInTheEnd) {
  Purse purse = purse_of(0, 6000);
  purse.put(0, 100);
  purse.take(60);
  purse.settle(60, 10);
  EXPECT_TRUE(purse.covers(90));
  purse.settle(10, 150);
  EXPECT_FALSE(purse.covers(1));
  // A debt is paid even if nobody waits.
  EXPECT_EQ(purse.want(0, 0, 0).tokens, 50);
}

TEST(Purse, WantsASecondsWorthAtMost) {
  EXPECT_EQ(purse_of(600, 0).want(100, 0, 0).requests, 10);
  EXPECT_EQ(purse_of(600, 0).want(3, 0, 0).requests, 3);
  EXPECT_EQ(purse_of(6, 0).want(100, 0, 0).requests, 1);
  EXPECT_EQ(purse_of(0, 6000).want(100, 20, 2000).tokens, 100);
}

TEST(Purse, WantsAllThatTheNextCallNeeds) {
  EXPECT_EQ(purse_of(0, 6000).want(1, 900, 900).tokens, 900);
  // What is larger than a limit never fits.
  Purse purse = purse_of(0, 6000);
  EXPECT_EQ(purse.want(1, 10'000, 10'000).tokens, 5400);
  purse.put(0, 5400);
  EXPECT_TRUE(purse.covers(10'000));
}

TEST(Purse, GivesBackWhatNobodyNeeds) {
  Purse purse = purse_of(600, 6000);
  purse.put(3, 70);
  const Purse::Want want = purse.want(0, 0, 0);
  EXPECT_EQ(want.requests, -3);
  EXPECT_EQ(want.tokens, -70);
}

TEST(Purse, ForfeitsGrantsButNotDebts) {
  Purse purse = purse_of(600, 6000);
  purse.put(3, 0);
  purse.settle(0, 40);
  purse.forfeit();
  EXPECT_FALSE(purse.covers(0));
  EXPECT_EQ(purse.want(0, 0, 0).requests, 0);
  EXPECT_EQ(purse.want(0, 0, 0).tokens, 40);
}

TEST(Purse, EarnsItsEvenPartWhenNobodyGrants) {
  Purse purse = purse_of(600, 0, 2);
  EXPECT_EQ(purse.part().requests, 300);
  purse.earn(Millis(100), 0);
  EXPECT_FALSE(purse.covers(0));
  purse.earn(Millis(110), 0);
  EXPECT_TRUE(purse.covers(0));
  // No more than a second's worth is saved up.
  purse.earn(Millis(3'600'000), 0);
  int calls = 0;
  for (; purse.covers(0); ++calls) purse.take(0);
  EXPECT_EQ(calls, 5);
}

TEST(Purse, EarnsTokensForTheNextCallHoweverLarge) {
  Purse purse = purse_of(0, 6000, 2);
  purse.earn(Millis(30'000), 1000);
  EXPECT_TRUE(purse.covers(1000));
}

}  // namespace
}  // namespace ryumem
