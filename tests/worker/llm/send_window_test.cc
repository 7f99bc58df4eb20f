#include "worker/llm/send_window.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(SendWindow, GrowsToWhatIsAllowedWhileCallsAreAnswered) {
  SendWindow window(64);
  EXPECT_EQ(window.size(), 32u);
  for (int i = 0; i < 100; ++i) window.answered();
  EXPECT_EQ(window.size(), 64u);
  EXPECT_EQ(SendWindow(4).size(), 4u);
}

TEST(SendWindow, ShrinksByAThirdForAVolleyOfRefusals) {
  SendWindow window(20);
  const Monotonic::time_point now = Monotonic::now();
  window.refused(now);
  window.refused(now + Millis(500));
  EXPECT_EQ(window.size(), 14u);
  window.refused(now + Seconds(3));
  EXPECT_EQ(window.size(), 9u);
}

TEST(SendWindow, GrowsByOneARoundAfterARefusal) {
  SendWindow window(20);
  window.refused(Monotonic::now());
  for (int i = 0; i < 15; ++i) window.answered();
  EXPECT_EQ(window.size(), 15u);
}

TEST(SendWindow, AlwaysLetsOneCallGo) {
  SendWindow window(2);
  const Monotonic::time_point now = Monotonic::now();
  for (int i = 0; i < 20; ++i) window.refused(now + Seconds(10 * i));
  EXPECT_EQ(window.size(), 1u);
}

}  // namespace
}  // namespace ryumem
