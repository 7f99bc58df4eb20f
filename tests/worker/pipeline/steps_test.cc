#include "worker/pipeline/steps.h"

#include <gtest/gtest.h>

#include <list>
#include <string>

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

TEST(Attempt, ShowsItsJobAndStepWhileItLives) {
  Scoreboard board = Scoreboard::create(1);
  Slot& slot = board.slot(0);
  {
    const Attempt first("a", slot);
    Attempt second("b", slot);
    EXPECT_EQ(slot.work[1].id.text(), "b");
    EXPECT_EQ(slot.work[1].step.load(), static_cast<std::uint64_t>(Step::count));
    second.enter(Step::embed_facts);
    EXPECT_EQ(slot.work[1].step.load(), static_cast<std::uint64_t>(Step::embed_facts));
    EXPECT_GE(slot.work[1].step_ns.load(), slot.work[1].began_ns.load());
    EXPECT_EQ(slot.doing[Step::embed_facts].load(), 1u);
    second.enter(Step::complete);
    EXPECT_EQ(slot.doing[Step::embed_facts].load(), 0u);
  }
  EXPECT_EQ(slot.doing[Step::complete].load(), 0u);
  for (const WorkView& work : slot.work) EXPECT_EQ(work.began_ns.load(), 0u);
}

TEST(Attempt, IsCountedAlsoWhenThereIsNoPlaceToShowIt) {
  Scoreboard board = Scoreboard::create(1);
  Slot& slot = board.slot(0);
  std::list<Attempt> many;
  for (std::size_t i = 0; i < kWorkShown + 3; ++i)
    many.emplace_back(std::to_string(i), slot).enter(Step::complete);
  EXPECT_EQ(slot.doing[Step::complete].load(), kWorkShown + 3);
  many.pop_front();
  const Attempt late("late", slot);
  EXPECT_EQ(slot.work[0].id.text(), "late");
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
