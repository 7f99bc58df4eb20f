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
    testing::Values(Row{Kind::transient, Verdict::retry, Verdict::fail},
                    Row{Kind::outage, Verdict::retry, Verdict::fail},
                    Row{Kind::bad_answer, Verdict::retry, Verdict::fail},
                    Row{Kind::refused, Verdict::fail, Verdict::fail},
                    Row{Kind::gone, Verdict::fail, Verdict::fail},
                    Row{Kind::rejected, Verdict::fail, Verdict::fail},
                    Row{Kind::lease_lost, Verdict::let_go, Verdict::let_go},
                    Row{Kind::stopping, Verdict::give_back, Verdict::give_back},
                    Row{Kind::usage, Verdict::retry, Verdict::fail},
                    Row{Kind::configuration, Verdict::retry, Verdict::fail},
                    Row{Kind::system, Verdict::retry, Verdict::fail},
                    Row{Kind::internal, Verdict::retry, Verdict::fail}),
    [](const testing::TestParamInfo<Row>& row) { return std::string(name(row.param.kind)); });

}  // namespace
}  // namespace ryumem
