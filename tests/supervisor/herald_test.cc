#include "supervisor/herald.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "tests/supervisor/notify_listener.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::NotifyListener;
using test::run_on_loop;

constexpr Millis kPatience{20'000};

Environment environment_of(const NotifyListener& listener) {
  return {{"NOTIFY_SOCKET", listener.name()}, {"WATCHDOG_USEC", "100000"}};
}

Task<> heard(NotifyListener* listener, std::string what, int times) {
  const std::function<bool()> said = [&] { return listener->count(what) >= times; };
  co_await eventually(what.c_str(), kPatience, said);
}

Task<> is_ready_with_a_worker() {
  NotifyListener listener;
  Tidings now;
  now.quorum = true;
  now.line = "0 of 2";
  Herald herald(environment_of(listener), [&now] { return now; });
  herald.reloading();  // before it is ready nobody is told
  herald.reloaded();
  co_await heard(&listener, "STATUS=0 of 2", 1);
  co_await heard(&listener, "WATCHDOG=1", 2);
  EXPECT_EQ(listener.count("READY=1"), 0);
  EXPECT_EQ(listener.count("RELOADING=1"), 0);
  now.worker_ready = true;
  now.line = "1 of 2";
  co_await heard(&listener, "READY=1", 1);
  co_await heard(&listener, "STATUS=1 of 2", 1);
  now.worker_ready = false;  // that is no news for the manager
  now.line = "0 of 2 again";
  co_await heard(&listener, "STATUS=0 of 2 again", 1);
  EXPECT_EQ(listener.count("READY=1"), 1);
  EXPECT_EQ(listener.count("STATUS="), 3);
}

TEST(Herald, SaysReadyOnceWhenTheFirstWorkerIsAndEachLineOnce) {
  run_on_loop(is_ready_with_a_worker(), Seconds(60));
}

Task<> reloads() {
  NotifyListener listener;
  Tidings now;
  now.worker_ready = true;
  Herald herald(environment_of(listener), [&now] { return now; });
  co_await heard(&listener, "READY=1", 1);
  const std::uint64_t before = monotonic_ns() / 1000;
  herald.reloading();
  const std::string told = listener.last("RELOADING=1");
  const std::string begin = "RELOADING=1\nMONOTONIC_USEC=";
  EXPECT_EQ(told.substr(0, begin.size()), begin);
  const std::uint64_t at = std::stoull(told.substr(begin.size()));
  EXPECT_GE(at, before);
  EXPECT_LE(at, monotonic_ns() / 1000);
  EXPECT_EQ(listener.count("READY=1"), 1);
  herald.reloaded();
  EXPECT_EQ(listener.count("READY=1"), 2);
  herald.reloading();
  herald.stopping();
  herald.reloaded();  // too late
  EXPECT_EQ(listener.count("READY=1"), 2);
  EXPECT_EQ(listener.count("STOPPING=1"), 1);
}

TEST(Herald, SaysWhenAReloadBeginsAndWhenItIsOver) { run_on_loop(reloads(), Seconds(60)); }

Task<> asks_for_time() {
  NotifyListener listener;
  Tidings now;
  now.worker_ready = true;
  now.progress = 7;
  Herald herald(environment_of(listener), [&now] { return now; });
  co_await heard(&listener, "READY=1", 1);
  herald.stopping();
  now.line = "one turn later";
  co_await heard(&listener, "STATUS=one turn later", 1);
  EXPECT_EQ(listener.count("EXTEND_TIMEOUT_USEC="), 0);
  ++now.progress;
  co_await heard(&listener, "EXTEND_TIMEOUT_USEC=30000000", 1);
  now.line = "it stands still";
  co_await heard(&listener, "STATUS=it stands still", 1);
  EXPECT_EQ(listener.count("EXTEND_TIMEOUT_USEC="), 1);
}

TEST(Herald, AsksForTimeOnlyWhileTheDrainGetsOn) { run_on_loop(asks_for_time(), Seconds(60)); }

Task<> holds_its_tongue() {
  NotifyListener listener;
  Tidings now;
  Herald herald(environment_of(listener), [&now] { return now; });
  now.line = "no quorum";
  const Monotonic::time_point enough = Monotonic::now() + Millis(500);
  const std::function<bool()> past = [&] { return Monotonic::now() > enough; };
  co_await eventually("several periods are over", kPatience, past);
  EXPECT_EQ(listener.count("WATCHDOG=1"), 0);
  now.quorum = true;
  co_await heard(&listener, "WATCHDOG=1", 3);
}

TEST(Herald, FeedsTheWatchdogOnlyWhileThereIsAQuorum) {
  run_on_loop(holds_its_tongue(), Seconds(60));
}

Task<> repeats_itself() {
  NotifyListener listener;
  NotifySocket noise({{"NOTIFY_SOCKET", listener.name()}});
  while (noise.say("noise")) {
  }
  Tidings now;
  now.worker_ready = true;
  int looks = 0;
  Herald herald({{"NOTIFY_SOCKET", listener.name()}}, [&now, &looks] {
    ++looks;
    return now;
  });
  const std::function<bool()> looked = [&] { return looks > 0; };
  co_await eventually("it has tried", kPatience, looked);
  EXPECT_EQ(listener.count("READY=1"), 0);  // that it was read makes room
  co_await heard(&listener, "READY=1", 1);
}

TEST(Herald, SaysAgainWhatFoundNoRoom) { run_on_loop(repeats_itself(), Seconds(60)); }

}  // namespace
}  // namespace ryumem
