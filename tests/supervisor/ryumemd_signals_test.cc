// What signals do to ryumemd, seen from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/supervisor/steady_daemon.h"

namespace ryumem {
namespace {

using test::http_get;
using test::SteadyDaemon;
using test::wait_until;
using testing::HasSubstr;

constexpr Millis kPatience = SteadyDaemon::kPatience;
constexpr const char* kReloadOk = "ryumem_config_last_reload_successful";

TEST(RyumemdSignals, HangupReplacesTheWorkersOneAfterTheOtherWithTheNewConfiguration) {
  SteadyDaemon daemon({"--workers=2"});
  ASSERT_TRUE(daemon.ready(2)) << daemon.process().err();
  const double before = daemon.metric("ryumem_config_last_reload_success_timestamp_seconds");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.comes_to("ryumem_worker_restarts_total{reason=\"reload\"}", 2))
      << daemon.process().err();
  EXPECT_TRUE(daemon.ready(2));
  EXPECT_EQ(daemon.metric("ryumem_signals_total{signal=\"HUP\"}"), 1);
  EXPECT_EQ(daemon.metric(kReloadOk), 1);
  EXPECT_GT(daemon.metric("ryumem_config_last_reload_success_timestamp_seconds"), before);
  EXPECT_EQ(daemon.workers().count("start"), 4u);
}

TEST(RyumemdSignals, HangupWithABadConfigurationChangesNothingAndIsSeen) {
  SteadyDaemon daemon;
  ASSERT_TRUE(daemon.ready(2)) << daemon.process().err();
  daemon.write_settings("RYUMEM_WORKER_PROCESSES=many\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.comes_to(kReloadOk, 0));
  EXPECT_TRUE(daemon.says("the configuration is refused, all stays as it was: "));
  EXPECT_TRUE(daemon.ready(2));
  EXPECT_EQ(daemon.workers().count("start"), 2u);
  EXPECT_EQ(daemon.workers().count("TERM"), 0u);
  daemon.write_settings("RYUMEM_WORKER_PROCESSES=3\n");
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(daemon.comes_to(kReloadOk, 1));
  EXPECT_TRUE(daemon.ready(3));
}

TEST(RyumemdSignals, HangupWarnsOfSecretsThatEverybodyCanRead) {
  SteadyDaemon daemon({"--workers=1"});
  ASSERT_TRUE(daemon.ready(1)) << daemon.process().err();
  const test::TempDir folder;
  const std::string key = folder.write("key", "a-secret\n");
  chmod(key.c_str(), 0644);
  daemon.write_settings("WORKER_INTERNAL_KEY_FILE=" + key + "\n");
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(daemon.says(key + ": everybody on this machine can read it"));
  EXPECT_TRUE(daemon.comes_to("ryumem_worker_restarts_total{reason=\"reload\"}", 1));
}

TEST(RyumemdSignals, HangupHoldsBackWhatNeedsAStart) {
  SteadyDaemon daemon({"--workers=1"});
  ASSERT_TRUE(daemon.ready(1)) << daemon.process().err();
  daemon.write_settings("RYUMEM_WORKER_QUEUE_PREFIX=elsewhere:\n");
  daemon.process().signal(SIGHUP);
  EXPECT_TRUE(daemon.says("RYUMEM_WORKER_QUEUE_PREFIX has changed: that takes effect at the next"));
  ASSERT_TRUE(daemon.comes_to("ryumem_worker_restarts_total{reason=\"reload\"}", 1));
}

TEST(RyumemdSignals, OneWorkerMoreAndOneFewerWithinBounds) {
  SteadyDaemon daemon({"--workers=1"});
  ASSERT_TRUE(daemon.ready(1)) << daemon.process().err();
  daemon.process().signal(SIGTTIN);
  ASSERT_TRUE(daemon.ready(2)) << daemon.process().err();
  EXPECT_EQ(daemon.metric("ryumem_workers_wanted"), 2);
  for (int i = 1; i <= 3; ++i) {
    daemon.process().signal(SIGTTOU);
    ASSERT_TRUE(daemon.comes_to("ryumem_signals_total{signal=\"TTOU\"}", i));
  }
  EXPECT_EQ(daemon.metric("ryumem_workers_wanted"), 1);
  EXPECT_TRUE(daemon.ready(1));
  EXPECT_EQ(daemon.workers().count("TERM"), 1u);
  EXPECT_EQ(daemon.metric("ryumem_worker_restarts_total{reason=\"exit\"}"), 0);
}

TEST(RyumemdSignals, QuietIsToldToTheWorkersAndByReadyzUntilItIsOver) {
  SteadyDaemon daemon({"--workers=2"});
  ASSERT_TRUE(daemon.ready(2)) << daemon.process().err();
  daemon.process().signal(SIGTSTP);
  daemon.process().signal(SIGTSTP);
  ASSERT_TRUE(wait_until(kPatience, [&] { return daemon.workers().count("TSTP") >= 2; }));
  EXPECT_THAT(http_get(daemon.port(), "/readyz").body, HasSubstr("quiet: "));
  daemon.process().signal(SIGCONT);
  ASSERT_TRUE(wait_until(kPatience, [&] { return daemon.workers().count("CONT") >= 2; }));
  EXPECT_THAT(http_get(daemon.port(), "/readyz").body, testing::Not(HasSubstr("quiet: ")));
}

// Nobody can catch STOP; CONT after it wakes a supervisor that does as before.
TEST(RyumemdSignals, ARealStopAndItsEndChangeNothing) {
  SteadyDaemon daemon({"--workers=2", "--heartbeat-limit=3"});
  ASSERT_TRUE(daemon.ready(2)) << daemon.process().err();
  daemon.process().signal(SIGSTOP);
  for (const test::SteadyWorkers::Line& line : daemon.workers().lines()) kill(line.pid, SIGSTOP);
  const Monotonic::time_point enough = Monotonic::now() + Seconds(5);  // longer than the limit
  wait_until(Seconds(6), [&] { return Monotonic::now() > enough; });
  daemon.process().signal(SIGCONT);
  ASSERT_TRUE(daemon.comes_to("ryumem_signals_total{signal=\"CONT\"}", 1));
  // The supervisor turns again and finds them silent for too long; it knows that it was, too.
  const Monotonic::time_point looked = Monotonic::now() + Millis(2'500);
  wait_until(Seconds(4), [&] { return Monotonic::now() > looked; });
  for (const test::SteadyWorkers::Line& line : daemon.workers().lines()) kill(line.pid, SIGCONT);
  EXPECT_TRUE(daemon.ready(2));
  EXPECT_EQ(daemon.metric("ryumem_worker_restarts_total{reason=\"hang\"}"), 0);
  EXPECT_EQ(daemon.workers().count("start"), 2u);
}

TEST(RyumemdSignals, TermIsObeyedInTheMiddleOfAReload) {
  SteadyDaemon daemon({"--workers=2"}, {"RYUMEM_TEST_STEADY_READY_MS=300"});
  ASSERT_TRUE(daemon.ready(2)) << daemon.process().err();
  daemon.process().signal(SIGHUP);
  ASSERT_TRUE(wait_until(kPatience, [&] { return daemon.workers().count("start") == 3; }));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0) << daemon.process().err();
}

TEST(RyumemdSignals, AWorkerThatDiesAgainAndAgainMakesThePoolDegraded) {
  SteadyDaemon daemon({"--workers=1"}, {"RYUMEM_TEST_STEADY_EXIT=70"});
  ASSERT_TRUE(daemon.comes_to("ryumem_pool_degraded", 1)) << daemon.process().err();
  EXPECT_THAT(http_get(daemon.port(), "/readyz").body,
              HasSubstr("pool degraded: worker 0 has ended"));
  EXPECT_EQ(http_get(daemon.port(), "/livez").status, 200);
}

}  // namespace
}  // namespace ryumem
