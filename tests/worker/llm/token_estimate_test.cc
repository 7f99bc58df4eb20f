#include "worker/llm/token_estimate.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(TokenEstimate, GoesByTheLengthBeforeAnythingIsKnown) {
  EXPECT_NEAR(TokenEstimate().of(3000), 1000, 1);
  EXPECT_EQ(TokenEstimate().of(0), 1);
}

TEST(TokenEstimate, GoesByWhatCallsTook) {
  TokenEstimate estimate;
  estimate.learn(1000, 500);
  EXPECT_NEAR(estimate.of(1000), 500, 1);
  EXPECT_NEAR(estimate.of(2000), 1000, 1);
  EXPECT_NEAR(estimate.average(), 500, 1);
}

TEST(TokenEstimate, ComesRightInTheSumOfUnequalCalls) {
  TokenEstimate estimate;
  double estimated = 0;
  double taken = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t bytes = i % 2 == 0 ? 400 : 4000;
    const std::int64_t tokens = i % 2 == 0 ? 300 : 1500;
    if (i >= 1000) {
      estimated += estimate.of(bytes);
      taken += static_cast<double>(tokens);
    }
    estimate.learn(bytes, tokens);
  }
  EXPECT_NEAR(estimated / taken, 1, 0.02);
}

}  // namespace
}  // namespace ryumem
