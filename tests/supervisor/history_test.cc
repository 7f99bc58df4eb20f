#include "supervisor/history.h"

#include <gtest/gtest.h>

#include "common/base/json.h"

namespace ryumem {
namespace {

SupervisorFigures figures(std::int64_t pending) {
  SupervisorFigures out;
  out.pending = pending;
  out.oldest_pending = 2.5;
  return out;
}

TEST(History, HasWhatHappenedBetweenTwoPoints) {
  Scoreboard board = Scoreboard::create(2);
  History history;
  board.slot(0).jobs[Outcome::completed].add(100);
  history.take(board, figures(1), 1000);
  EXPECT_TRUE(history.points().empty()) << "what was before is nobody's";
  board.slot(0).jobs[Outcome::completed].add(2);
  board.slot(1).jobs[Outcome::completed].add(3);
  board.slot(1).jobs[Outcome::delayed].add(1);
  board.slot(1).jobs[Outcome::buried].add(1);
  board.slot(1).jobs_in_hand.store(4);
  for (int i = 0; i < 20; ++i) board.slot(0).of(Step::embed_facts).observe(0.2);
  board.slot(1).attempt.observe(6);
  AccountRow::add(board.accounts().of("p", "m", "chat", "c").nano_usd, 250'000'000);
  history.take(board, figures(7), 1010);
  ASSERT_EQ(history.points().size(), 1u);
  const HistoryPoint& point = history.points().front();
  EXPECT_EQ(point.at, 1010);
  EXPECT_EQ(point.pending, 7);
  EXPECT_EQ(point.delayed, std::nullopt);
  EXPECT_EQ(point.oldest, 2.5);
  EXPECT_EQ(point.in_hand, 4);
  EXPECT_EQ(point.completed, 5);
  EXPECT_EQ(point.failed, 2);
  EXPECT_DOUBLE_EQ(point.usd, 0.25);
  const StepFigures& step = point.steps[static_cast<std::size_t>(Step::embed_facts)];
  EXPECT_EQ(step.count, 20u);
  EXPECT_DOUBLE_EQ(step.mean, 0.2);
  EXPECT_GT(step.p95, 0.1);
  EXPECT_LE(step.p95, 0.25);
  EXPECT_EQ(point.attempts.count, 1u);
  history.take(board, figures(7), 1020);
  EXPECT_EQ(history.points().back().completed, 0);
  EXPECT_EQ(history.points().back().attempts.count, 0u);
}

TEST(History, IsNeverLongerThanAnHour) {
  const Scoreboard board = Scoreboard::create(1);
  History history;
  for (int i = 0; i <= 1000; ++i) history.take(board, figures(i), i * History::kEvery);
  EXPECT_EQ(history.points().size(), History::kPoints);
  EXPECT_EQ(history.points().back().at - history.points().front().at, 3590);
}

TEST(History, IsToldInColumnsOfOneLength) {
  Scoreboard board = Scoreboard::create(1);
  History history;
  for (int i = 0; i <= 4; ++i) {
    board.slot(0).of(Step::complete).observe(1e9);
    history.take(board, i == 2 ? SupervisorFigures() : figures(i), 1000 + i * 10);
  }
  const std::string json = history.as_json(1010).print();
  const JsonDocument document = JsonDocument::parse(json);
  const JsonValue root = document.root();
  EXPECT_EQ(root["every_s"].integer(), 10);
  for (const char* column : {"at", "pending", "delayed", "dead", "oldest_pending_s", "in_hand",
                             "completed", "failed", "tokens", "usd"})
    EXPECT_EQ(root[column].items().size(), 3u) << column;
  EXPECT_EQ(root["pending"].items()[0].type(), JsonValue::Type::null);
  EXPECT_EQ(root["pending"].items()[1].integer(), 3);
  EXPECT_EQ(root["durations"].fields().size(), HistoryPoint::kSteps + 1);
  EXPECT_EQ(root["durations"]["complete"]["p95_s"].items()[0].integer(), 300)
      << "what is beyond the last bound counts as that";
}

}  // namespace
}  // namespace ryumem
