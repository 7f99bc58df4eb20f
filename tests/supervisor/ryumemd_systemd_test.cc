// What a service manager hears of ryumemd.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervisor/notify_listener.h"
#include "tests/supervisor/steady_daemon.h"

namespace ryumem {
namespace {

using test::NotifyListener;
using test::SteadyDaemon;
using test::wait_until;

constexpr Millis kPatience = SteadyDaemon::kPatience;

TEST(RyumemdUnderSystemd, TellsItsWholeLife) {
  NotifyListener systemd(true);
  SteadyDaemon daemon({"--workers=2"}, {"NOTIFY_SOCKET=" + systemd.name(), "WATCHDOG_USEC=400000"});
  ASSERT_TRUE(systemd.hears("READY=1")) << daemon.process().err();
  ASSERT_TRUE(systemd.hears("STATUS=2 of 2 workers ready, 0 jobs in hand"));
  ASSERT_TRUE(systemd.hears("WATCHDOG=1", 3));
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(systemd.hears("RELOADING=1\nMONOTONIC_USEC="));
  ASSERT_TRUE(systemd.hears("READY=1", 2));
  // One that is refused is over, too.
  daemon.write_settings("RYUMEM_WORKER_PROCESSES=many\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(systemd.hears("RELOADING=1\nMONOTONIC_USEC=", 2));
  ASSERT_TRUE(systemd.hears("READY=1", 3));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
  EXPECT_EQ(systemd.count("STOPPING=1"), 1);
  EXPECT_EQ(systemd.count("READY=1"), 3);
}

TEST(RyumemdUnderSystemd, IsNotReadyBeforeAWorkerIs) {
  NotifyListener systemd;
  SteadyDaemon daemon({"--workers=1"},
                      {"NOTIFY_SOCKET=" + systemd.name(), "RYUMEM_TEST_STEADY_READY_MS=never"});
  ASSERT_TRUE(systemd.hears("STATUS=0 of 1 workers ready")) << daemon.process().err();
  EXPECT_EQ(systemd.count("READY=1"), 0);
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
  EXPECT_EQ(systemd.count("READY=1"), 0);
}

TEST(RyumemdUnderSystemd, IsReadyAndDoneWhereItIsSwitchedOff) {
  NotifyListener systemd;
  test::ChildProcess daemon(
      {test::program("ryumemd")},
      {"NOTIFY_SOCKET=" + systemd.name(), "RYUMEM_WORKER_ENABLED=false", "RYUMEM_WORKER_CONFIG="});
  EXPECT_EQ(daemon.wait(kPatience), 0);
  EXPECT_TRUE(systemd.hears("READY=1\nSTATUS=switched off"));
}

TEST(RyumemdUnderSystemd, KeepsTheSocketFromItsWorkers) {
  NotifyListener systemd;
  SteadyDaemon daemon({"--workers=1"},
                      {"NOTIFY_SOCKET=" + systemd.name(), "WATCHDOG_USEC=60000000"});
  ASSERT_TRUE(daemon.ready(1)) << daemon.process().err();
  const int worker = daemon.workers().lines().front().pid;
  const std::string environment = test::read_file(fmt::format("/proc/{}/environ", worker));
  EXPECT_THAT(environment, testing::HasSubstr("RYUMEM_SLOT="));
  EXPECT_THAT(environment, testing::Not(testing::HasSubstr("NOTIFY_SOCKET")));
  EXPECT_THAT(environment, testing::Not(testing::HasSubstr("WATCHDOG")));
}

}  // namespace
}  // namespace ryumem
