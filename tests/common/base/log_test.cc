#include "common/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "common/base/failure.h"

namespace ryumem {
namespace {

std::string logged(const std::string& level) {
  configure_logging(level, "me[1]");
  testing::internal::CaptureStderr();
  spdlog::debug("quiet {}", 1);
  spdlog::warn("loud {}", 2);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesTimeLevelWhoAndMessageToStderr) {
  EXPECT_THAT(logged("info"),
              testing::MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9]{3}[+-][0-9]{2}:[0-9]{2} warning "
                                    "me\\[1\\] loud 2\n"));
}

TEST(Log, KeepsQuietBelowItsLevel) {
  EXPECT_THAT(logged("debug"), testing::HasSubstr("debug me[1] quiet 1"));
  EXPECT_THAT(logged("warning"), testing::HasSubstr("loud 2"));
  EXPECT_EQ(logged("error"), "");
  EXPECT_EQ(logged("off"), "");
}

TEST(Log, RefusesAnUnknownLevelAndNamesTheKnownOnes) {
  try {
    configure_logging("loud", "me");
    ADD_FAILURE() << "was accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::configuration);
    EXPECT_THAT(failure.what(),
                testing::AllOf(testing::HasSubstr("\"loud\""), testing::HasSubstr("critical")));
  }
}

}  // namespace
}  // namespace ryumem
