#include "supervisor/notify_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/supervisor/notify_listener.h"

namespace ryumem {
namespace {

using test::NotifyListener;
using testing::ElementsAre;

class NotifySocketTo : public testing::TestWithParam<bool> {};

TEST_P(NotifySocketTo, SaysEachMessageInADatagramOfItsOwn) {
  NotifyListener listener(GetParam());
  NotifySocket socket({{"NOTIFY_SOCKET", listener.name()}});
  EXPECT_TRUE(socket.open());
  EXPECT_TRUE(socket.say("READY=1"));
  EXPECT_TRUE(socket.say("RELOADING=1\nMONOTONIC_USEC=12"));
  EXPECT_THAT(listener.heard(), ElementsAre("READY=1", "RELOADING=1\nMONOTONIC_USEC=12"));
}

INSTANTIATE_TEST_SUITE_P(EachNamespace, NotifySocketTo, testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Abstract" : "Path"; });

TEST(NotifySocket, IsSilentWhereNobodyListens) {
  for (const Environment& environment :
       {Environment{}, Environment{{"NOTIFY_SOCKET", ""}},
        Environment{{"NOTIFY_SOCKET", "/nonexistent/notify"}},
        Environment{{"NOTIFY_SOCKET", "vsock:2:1234"}},
        Environment{{"NOTIFY_SOCKET", "/" + std::string(200, 'x')}}}) {
    NotifySocket socket(environment);
    EXPECT_FALSE(socket.open());
    EXPECT_TRUE(socket.say("READY=1"));
  }
}

TEST(NotifySocket, NeverWaitsForOneWhoDoesNotRead) {
  NotifyListener listener;
  NotifySocket socket({{"NOTIFY_SOCKET", listener.name()}});
  int said = 0;
  while (said < 100'000 && socket.say("STATUS=one more")) ++said;
  EXPECT_LT(said, 100'000);
  EXPECT_EQ(listener.count("STATUS=one more"), said);
  EXPECT_TRUE(socket.say("READY=1"));
}

TEST(Watchdog, IsWantedOfTheProcessThatItNames) {
  EXPECT_EQ(watchdog_limit({}), Millis(0));
  EXPECT_EQ(watchdog_limit({{"WATCHDOG_USEC", "30000000"}}), Seconds(30));
  EXPECT_EQ(watchdog_limit({{"WATCHDOG_USEC", "soon"}}), Millis(0));
  const std::string own = std::to_string(getpid());
  EXPECT_EQ(watchdog_limit({{"WATCHDOG_USEC", "5000000"}, {"WATCHDOG_PID", own}}), Seconds(5));
  EXPECT_EQ(watchdog_limit({{"WATCHDOG_USEC", "5000000"}, {"WATCHDOG_PID", "1"}}), Millis(0));
}

TEST(WithoutServiceManager, KeepsWhatIsNotOfIt) {
  EXPECT_EQ(without_service_manager({{"NOTIFY_SOCKET", "/x"},
                                     {"WATCHDOG_USEC", "1"},
                                     {"WATCHDOG_PID", "1"},
                                     {"PATH", "/bin"}}),
            Environment({{"PATH", "/bin"}}));
}

}  // namespace
}  // namespace ryumem
