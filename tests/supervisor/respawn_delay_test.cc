#include "supervisor/respawn_delay.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(RespawnDelay, IsNothingAfterTheFirstDeath) {
  EXPECT_EQ(respawn_delay(1, 0), Millis(0));
  EXPECT_EQ(respawn_delay(1, 1), Millis(0));
}

TEST(RespawnDelay, DoublesFromAQuarterOfASecond) {
  EXPECT_EQ(respawn_delay(2, 0), Millis(250));
  EXPECT_EQ(respawn_delay(3, 0), Millis(500));
  EXPECT_EQ(respawn_delay(4, 0), Millis(1'000));
  EXPECT_EQ(respawn_delay(8, 0), Millis(16'000));
}

TEST(RespawnDelay, StopsGrowingAtThirtySeconds) {
  EXPECT_EQ(respawn_delay(9, 0), Millis(30'000));
  EXPECT_EQ(respawn_delay(100, 0), Millis(30'000));
  EXPECT_EQ(respawn_delay(2'000'000'000, 0), Millis(30'000));
}

TEST(RespawnDelay, LuckTakesUpToAQuarterOff) {
  EXPECT_EQ(respawn_delay(2, 1), Millis(188));
  EXPECT_EQ(respawn_delay(3, 0.5), Millis(438));
  EXPECT_EQ(respawn_delay(100, 1), Millis(22'500));
}

}  // namespace
}  // namespace ryumem
