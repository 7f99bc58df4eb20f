#include "worker/pipeline/verdict.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

struct Row {
  Kind kind;
  Verdict with_attempts_left;
  Verdict spent;
};

class VerdictTable : public testing::TestWithParam<Row> {};

TEST_P(VerdictTable, DecidesByTheKindAndByWhatIsLeft) {
  const Row& row = GetParam();
  EXPECT_EQ(verdict_on(row.kind, 0, 3), row.with_attempts_left);
  EXPECT_EQ(verdict_on(row.kind, 1, 3), row.with_attempts_left);
  EXPECT_EQ(verdict_on(row.kind, 2, 3), row.spent);
  EXPECT_EQ(verdict_on(row.kind, 3, 3), row.spent);
  EXPECT_EQ(verdict_on(row.kind, 1000, 3), row.spent);
  EXPECT_EQ(verdict_on(row.kind, 0, 1), row.spent);
  EXPECT_EQ(verdict_on(row.kind, 0, 0), row.spent);
}

INSTANTIATE_TEST_SUITE_P(
    EveryKind, VerdictTable,
    testing::Values(Row{Kind::transient, Verdict::delay, Verdict::bury},
                    Row{Kind::unreachable, Verdict::give_back, Verdict::give_back},
                    Row{Kind::outage, Verdict::give_back, Verdict::give_back},
                    Row{Kind::bad_answer, Verdict::delay, Verdict::bury},
                    Row{Kind::too_long, Verdict::delay, Verdict::bury},
                    Row{Kind::refused, Verdict::bury, Verdict::bury},
                    Row{Kind::gone, Verdict::bury, Verdict::bury},
                    Row{Kind::rejected, Verdict::bury, Verdict::bury},
                    Row{Kind::lease_lost, Verdict::let_go, Verdict::let_go},
                    Row{Kind::stopping, Verdict::give_back, Verdict::give_back},
                    Row{Kind::usage, Verdict::delay, Verdict::bury},
                    Row{Kind::configuration, Verdict::delay, Verdict::bury},
                    Row{Kind::system, Verdict::delay, Verdict::bury},
                    Row{Kind::internal, Verdict::delay, Verdict::bury}),
    [](const testing::TestParamInfo<Row>& row) { return std::string(name(row.param.kind)); });

constexpr Millis kFirst{5000};
constexpr Millis kLongest{600'000};

Millis ceiling_of(int attempt) { return retry_delay(attempt, kFirst, kLongest, 1, std::nullopt); }

TEST(RetryDelay, DoublesWithEachAttemptUpToTheLongest) {
  EXPECT_EQ(ceiling_of(1), Millis(5000));
  EXPECT_EQ(ceiling_of(2), Millis(10'000));
  EXPECT_EQ(ceiling_of(3), Millis(20'000));
  EXPECT_EQ(ceiling_of(7), Millis(320'000));
  EXPECT_EQ(ceiling_of(8), kLongest);
  EXPECT_EQ(ceiling_of(1000), kLongest);
}

TEST(RetryDelay, IsDrawnFromNothingToItsCeiling) {
  EXPECT_EQ(retry_delay(2, kFirst, kLongest, 0, std::nullopt), Millis(0));
  EXPECT_EQ(retry_delay(2, kFirst, kLongest, 0.25, std::nullopt), Millis(2500));
  EXPECT_EQ(retry_delay(2, kFirst, kLongest, 0.5, std::nullopt), Millis(5000));
}

TEST(RetryDelay, IsNeverLessThanThePeerAskedFor) {
  EXPECT_EQ(retry_delay(1, kFirst, kLongest, 0, Millis(3000)), Millis(3000));
  EXPECT_EQ(retry_delay(1, kFirst, kLongest, 1, Millis(3000)), Millis(5000));
  EXPECT_EQ(retry_delay(1, kFirst, kLongest, 1, Millis(900'000)), Millis(900'000));
}

TEST(RetryDelay, OfNothingIsNothing) {
  EXPECT_EQ(retry_delay(5, Millis(0), kLongest, 1, std::nullopt), Millis(0));
  EXPECT_EQ(retry_delay(5, kFirst, Millis(0), 1, std::nullopt), Millis(0));
}

}  // namespace
}  // namespace ryumem
