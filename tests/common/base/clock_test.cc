#include "common/base/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(Clock, WritesTheTimeAsTheProducerDoes) {
  const std::string text = utc_timestamp();
  EXPECT_THAT(text, testing::MatchesRegex(
                        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}"));
}

TEST(Clock, WritesUtcWhateverTheZone) {
  setenv("TZ", "Asia/Tokyo", 1);
  tzset();
  const std::string text = utc_timestamp();
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char expected[32];
  std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:", &utc);
  // Just past a full hour the two readings may differ; the next reading then agrees.
  EXPECT_TRUE(text.rfind(expected, 0) == 0 || utc.tm_min == 0) << text << " " << expected;
}

TEST(Clock, CountsNanosecondsForward) {
  const std::uint64_t first = monotonic_ns();
  const std::uint64_t second = monotonic_ns();
  EXPECT_GE(second, first);
  EXPECT_LT(second - first, 10'000'000'000U);
}

TEST(Clock, MeasuresSecondsAsAFraction) {
  const Monotonic::time_point from;
  EXPECT_DOUBLE_EQ(seconds_between(from, from + Millis(1500)), 1.5);
  EXPECT_DOUBLE_EQ(seconds_between(from + Millis(1500), from), -1.5);
}

}  // namespace
}  // namespace ryumem
