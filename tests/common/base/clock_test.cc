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

TEST(Clock, ReadsTimestampsAsProducersWriteThem) {
  EXPECT_EQ(timestamp_ms("1970-01-01T00:00:01.500000"), 1'500);
  EXPECT_EQ(timestamp_ms("2026-11-25T13:36:46.123456"), 1'795'613'806'123);
  EXPECT_EQ(timestamp_ms("2026-11-25T13:36:46"), 1'795'613'806'000);
  EXPECT_EQ(timestamp_ms("2026-11-25 13:36:46Z"), 1'795'613'806'000);
  EXPECT_EQ(timestamp_ms("2026-11-25T15:36:46.9+02:00"), 1'795'613'806'900);
  EXPECT_EQ(timestamp_ms("2026-11-25T08:06:46-0530"), 1'795'613'806'000);
  for (const char* no : {"", "now", "2026-11-25", "2026-11-25T13:36", "2026-11-25T13:36:46 CET",
                         "-026-11-25T13:36:46", "2026-11-25T13:36:46+2", "0001-01-01T00:00:00"})
    EXPECT_EQ(timestamp_ms(no), std::nullopt) << no;
  EXPECT_NEAR(static_cast<double>(*timestamp_ms(utc_timestamp())),
              static_cast<double>(std::time(nullptr)) * 1000, 60'000);
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
