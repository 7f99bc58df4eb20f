#include "common/base/log_repeats.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

LogLine line(const std::string& text, const std::string& job = "") {
  LogLine out;
  out.level = "warning";
  out.text = text;
  out.subject.job = job;
  return out;
}

TEST(LogRepeats, LetsTheFirstFewPassAndCountsTheRestUntilTheWindowIsOver) {
  LogRepeats repeats;
  const Monotonic::time_point start{};
  for (int i = 0; i < LogRepeats::kFew; ++i) EXPECT_TRUE(repeats.admit(line("a"), start));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(repeats.admit(line("a"), start));
  EXPECT_TRUE(repeats.due(start + LogRepeats::kWindow - Seconds(1)).empty());
  const std::vector<LogLine> due = repeats.due(start + LogRepeats::kWindow);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].text, "a");
  EXPECT_EQ(due[0].repeated, 3);
  EXPECT_TRUE(repeats.admit(line("a"), start + LogRepeats::kWindow));
  EXPECT_TRUE(repeats.all().empty());
}

TEST(LogRepeats, HoldsOnlyLinesAgainstEachOtherThatAreAlike) {
  LogRepeats repeats;
  const Monotonic::time_point start{};
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(repeats.admit(line("a", std::to_string(i)), start));
    EXPECT_TRUE(repeats.admit(line(std::to_string(i)), start));
  }
}

TEST(LogRepeats, RemembersABoundedNumberOfSorts) {
  LogRepeats repeats;
  const Monotonic::time_point start{};
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(repeats.admit(line(std::to_string(i)), start));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(repeats.admit(line("one more"), start));
}

}  // namespace
}  // namespace ryumem
