#include "worker/llm/tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace ryumem {
namespace {

// What tokenizers with a vocabulary of about 100 000 (cl100k) need for these texts; the estimate
// must not fall below and not go far above.
struct Measured {
  const char* text;
  std::size_t tokens;
};
constexpr Measured kMeasured[] = {
    {"The quick brown fox jumps over the lazy dog.", 10},
    {"我昨天在北京见到了王先生。", 15},
    {"私は東京に住んでいます。", 11},
};

TEST(Tokens, AreEstimatedWithinAFactorOfTwoAndNotTooFew) {
  for (const Measured& sample : kMeasured) {
    EXPECT_GE(estimate_tokens(sample.text) * 10, sample.tokens * 9) << sample.text;
    EXPECT_LE(estimate_tokens(sample.text), sample.tokens * 2) << sample.text;
  }
}

TEST(Tokens, OfAChineseTextAreMoreThanOfALatinOneOfTheSameLength) {
  EXPECT_GT(estimate_tokens("北京北京北京"), 3 * estimate_tokens("beijin"));
}

TEST(Tokens, OfNothingAreNone) {
  EXPECT_EQ(estimate_tokens(""), 0u);
  EXPECT_GT(estimate_tokens("\xff\xff"), 0u);
}

}  // namespace
}  // namespace ryumem
