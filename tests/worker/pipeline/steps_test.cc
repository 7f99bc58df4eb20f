#include "worker/pipeline/steps.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

std::uint64_t observed(const Durations& durations) {
  std::uint64_t sum = 0;
  for (const Count& bucket : durations.buckets) sum += bucket.load();
  return sum;
}

TEST(Attempt, CountsEachStepOnceWhenItIsLeft) {
  Scoreboard board = Scoreboard::create(1);
  Slot& slot = board.slot(0);
  {
    Attempt attempt("j", slot);
    attempt.enter(Step::extract_entities);
    EXPECT_EQ(observed(slot.of(Step::extract_entities)), 0u);
    attempt.enter(Step::embed_entities);
    EXPECT_EQ(observed(slot.of(Step::extract_entities)), 1u);
    EXPECT_EQ(observed(slot.of(Step::embed_entities)), 0u);
    EXPECT_EQ(observed(slot.attempt), 0u);
  }
  EXPECT_EQ(observed(slot.of(Step::embed_entities)), 1u);
  EXPECT_EQ(observed(slot.of(Step::complete)), 0u);
  EXPECT_EQ(observed(slot.attempt), 1u);
}

TEST(Attempt, IsInHandAsLongAsItLives) {
  Scoreboard board = Scoreboard::create(1);
  Slot& slot = board.slot(0);
  {
    const Attempt one("a", slot);
    const Attempt other("b", slot);
    EXPECT_EQ(slot.jobs_in_hand.load(), 2u);
  }
  EXPECT_EQ(slot.jobs_in_hand.load(), 0u);
}

TEST(Attempt, SaysWhereItIs) {
  Scoreboard board = Scoreboard::create(1);
  Attempt attempt("j", board.slot(0));
  EXPECT_EQ(attempt.step_name(), "claim");
  attempt.enter(Step::upsert_entities);
  EXPECT_EQ(attempt.step_name(), name(Step::upsert_entities));
}

}  // namespace
}  // namespace ryumem
