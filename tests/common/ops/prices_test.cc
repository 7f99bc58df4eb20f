#include "common/ops/prices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/failure.h"
#include "common/ops/spending.h"
#include "tests/common/queue/failure_of.h"
#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using test::thrown_by;
using testing::HasSubstr;

constexpr std::int64_t kMillion = 1'000'000;
constexpr NanoUsd kDollar = 1'000'000'000;

TEST(Prices, AreForAMillionTokensOfEachSort) {
  const Prices prices = Prices::parse("openai gpt-6-luna 0.10 0.50\n", "table");
  EXPECT_EQ(prices.cost("openai", "gpt-6-luna", kMillion, 0), kDollar / 10);
  EXPECT_EQ(prices.cost("openai", "gpt-6-luna", 0, kMillion), kDollar / 2);
  EXPECT_EQ(prices.cost("openai", "gpt-6-luna", 1500, 300), 150'000 + 150'000);
  EXPECT_EQ(prices.cost("openai", "gpt-6-luna", 0, 0), 0);
}

TEST(Prices, OfAModelThatIsNotThereAreUnknownAndNotNothing) {
  const Prices prices = Prices::parse("openai gpt-6-luna 0.10 0.50\n", "table");
  EXPECT_EQ(prices.cost("openai", "gpt-6", 1000, 1000), std::nullopt);
  EXPECT_EQ(prices.cost("litellm", "gpt-6-luna", 1000, 1000), std::nullopt);
}

TEST(Prices, TakeTheLongestRowThatFits) {
  const Prices prices = Prices::parse(
      "p gpt-4o 4 0\n"
      "p * 1 0\n"
      "p gpt-4o-mini* 3 0\n"
      "p gpt-4* 2 0\n",
      "table");
  const auto dollars = [&](const char* model) {
    return prices.cost("p", model, kMillion, 0).value_or(-1) / kDollar;
  };
  EXPECT_EQ(dollars("gpt-4o"), 4);
  EXPECT_EQ(dollars("gpt-4o-2026"), 2);
  EXPECT_EQ(dollars("gpt-4o-mini-2026"), 3);
  EXPECT_EQ(dollars("llama"), 1);
}

TEST(Prices, LeaveOutRemarksAndEmptyLines) {
  const Prices prices = Prices::parse("# a table\n\n\t p  m\t1 2 # of today\r\n   #\n", "table");
  EXPECT_EQ(prices.size(), 1u);
  EXPECT_EQ(prices.cost("p", "m", kMillion, kMillion), 3 * kDollar);
}

TEST(Prices, SayWhereTheTableIsWrong) {
  const auto wrong = [](const char* text) {
    const auto failure = thrown_by([&] { Prices::parse(text, "prices.txt"); });
    if (!failure) return std::string("it was taken");
    EXPECT_EQ(failure->kind(), Kind::configuration);
    return std::string(failure->what());
  };
  EXPECT_THAT(wrong("p m 1 2\np m 1\n"), HasSubstr("prices.txt:2: expected PROVIDER MODEL"));
  EXPECT_THAT(wrong("p m 1 2 3\n"), HasSubstr("prices.txt:1: expected"));
  for (const char* price : {"-1", "inf", "nan", "0x1", "1e3", "1,5", ".5", "1.", "1.2.3", "$1",
                            "9999999999", "0.0000000001"})
    EXPECT_THAT(wrong((std::string("p m 1 ") + price).c_str()), HasSubstr("is not a price"))
        << price;
}

TEST(Prices, AreReadFromTheFileThatTheOperatorHas) {
  test::TempDir folder;
  const std::string path = folder.write("prices.txt", "mine * 7 0\n");
  EXPECT_EQ(Prices::read(path).cost("mine", "any", kMillion, 0), 7 * kDollar);
  EXPECT_GT(Prices::read("").size(), 5u);
  const auto failure = thrown_by([&] { Prices::read(folder.file("none")); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), Kind::configuration);
  EXPECT_THAT(failure->what(), HasSubstr("RYUMEM_WORKER_PRICE_FILE"));
}

TEST(Prices, OfTheShippedTableKnowTheDefaultModels) {
  const Prices prices = Prices::shipped();
  EXPECT_EQ(prices.cost("gemini", "gemini-3.5-flash-lite", kMillion, kMillion), 28 * kDollar / 10);
  EXPECT_EQ(prices.cost("openai", "gpt-6-luna", kMillion, kMillion), 6 * kDollar / 10);
  EXPECT_TRUE(prices.cost("gemini", "gemini-embedding-001", 1, 0));
  EXPECT_TRUE(prices.cost("openai", "text-embedding-3-large", 1, 0));
  EXPECT_EQ(prices.cost("ollama", "qwen2.5:7b", kMillion, kMillion), 0);
}

TEST(Customers, AreKnownByAShortNameWithoutControlCharacters) {
  EXPECT_EQ(customer_name(""), "none");
  EXPECT_EQ(customer_name("acme"), "acme");
  EXPECT_LE(customer_name(std::string(10'000, 'x')).size(), 120u);
  EXPECT_EQ(customer_name("a\nb"), "a b");
}

}  // namespace
}  // namespace ryumem
