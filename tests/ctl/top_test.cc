// ryumemctl top on a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/ctl/run_ctl.h"
#include "tests/support/pty_process.h"

namespace ryumem {
namespace {

using test::CtlRun;
using test::PtyProcess;
using test::RedisServer;
using testing::HasSubstr;

constexpr Millis kPatience{30'000};
const std::string kScreen = "\x1b[?1049h";
const std::string kBack = "\x1b[?1049l";

class CtlTop : public testing::Test {
 protected:
  CtlTop()
      : top({test::program("ryumemctl"), "top", "--url", "http://127.0.0.1:1"},
            {"REDIS_URL=" + server.url()}) {
    server.ask({"LPUSH", "ryumem:extraction_jobs", "a", "b"});
  }
  void expect_given_back() {
    EXPECT_THAT(top.screen(), HasSubstr("\x1b[?25h"));  // the cursor is there again
    EXPECT_TRUE(top.screen().ends_with(kBack) || top.screen().find(kBack) != std::string::npos);
    EXPECT_FALSE(top.raw());
  }
  RedisServer server;
  PtyProcess top;
};

TEST_F(CtlTop, ShowsTheQueueGoesOnAndGivesTheTerminalBackOnQ) {
  ASSERT_TRUE(top.shows("2 pending", kPatience)) << top.screen();
  EXPECT_EQ(top.screen().rfind(kScreen, 0), 0u);
  EXPECT_THAT(top.screen(), HasSubstr("no supervisor answers"));
  EXPECT_TRUE(top.raw());
  server.ask({"LPUSH", "ryumem:extraction_jobs", "c"});
  EXPECT_TRUE(top.shows("3 pending", kPatience));
  top.type("q");
  EXPECT_EQ(top.wait(kPatience), 0);
  expect_given_back();
}

TEST_F(CtlTop, GivesTheTerminalBackWhateverEndsIt) {
  ASSERT_TRUE(top.shows("2 pending", kPatience));
  top.type("\x03");  // Ctrl-C
  EXPECT_EQ(top.wait(kPatience), 0);
  expect_given_back();
}

TEST_F(CtlTop, GivesTheTerminalBackWhenItIsAsked) {
  ASSERT_TRUE(top.shows("2 pending", kPatience));
  kill(top.pid(), SIGTERM);
  EXPECT_EQ(top.wait(kPatience), 0);
  expect_given_back();
}

TEST_F(CtlTop, GivesTheTerminalBackWhenItCrashes) {
  ASSERT_TRUE(top.shows("2 pending", kPatience));
  kill(top.pid(), SIGABRT);
  EXPECT_EQ(top.wait(kPatience), 128 + SIGABRT);
  expect_given_back();
}

TEST_F(CtlTop, DrawsAnewWhenTheTerminalIsResized) {
  ASSERT_TRUE(top.shows("q quits, r looks now", kPatience));
  const std::size_t before = top.screen().size();
  top.resize(30, 6);
  EXPECT_TRUE(top.shows("q quits, r looks now; every 1…", kPatience, before)) << top.screen();
  top.type("q");
  EXPECT_EQ(top.wait(kPatience), 0);
}

TEST(CtlTopWithoutATerminal, SaysWhatToUseInstead) {
  RedisServer server;
  const CtlRun ran = test::run_ctl(server, {"top"});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("top needs a terminal; ryumemctl status does without"));
}

}  // namespace
}  // namespace ryumem
