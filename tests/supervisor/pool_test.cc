#include "supervisor/pool.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "tests/supervisor/fake_worker.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::FakeWorker;
using test::run_on_loop;

constexpr Millis kPatience{15'000};

// This test program in the role of a worker that counts and then crashes with jobs in hand.
[[noreturn]] void count_and_crash() {
  Scoreboard board = Scoreboard::attach(4);
  Slot& slot = board.slot(std::atoi(std::getenv("RYUMEM_SLOT")));
  slot.pid.store(static_cast<std::uint64_t>(getpid()));
  slot.state.store(static_cast<std::uint64_t>(WorkerState::ready));
  slot.jobs_in_hand.store(2);
  for (int i = 0; i < 1'000; ++i) slot.claimed.add();
  raise(SIGKILL);
  _exit(1);
}
[[maybe_unused]] const bool kRole = [] {
  if (std::getenv("RYUMEM_TEST_COUNT_AND_CRASH") != nullptr) count_and_crash();
  return true;
}();

struct World {
  Scoreboard board;
  Pool pool;
  World(int workers, Pool::Settings settings)
      : board(Scoreboard::create(workers + 1)), pool(board, with(std::move(settings), workers)) {}
  std::uint64_t replaced(Replaced reason) const {
    return pool.replacements()[static_cast<std::size_t>(reason)];
  }
  static Pool::Settings with(Pool::Settings settings, int workers) {
    settings.workers = workers;
    return settings;
  }
};

Pool::Settings running(const std::string& binary, Environment more = {}) {
  Environment environment = process_environment();
  for (const auto& [name, value] : more) environment[name] = value;
  return Pool::Settings(binary, environment);
}

Task<> started(FakeWorker& fake, std::size_t count) {
  const std::function<bool()> enough = [&] { return fake.count() >= count; };
  co_await eventually("workers are started", kPatience, enough);
}

Task<> trapped(FakeWorker& fake, std::size_t count) {
  const std::function<bool()> enough = [&] { return fake.traps() >= count; };
  co_await eventually("workers have their handlers in place", kPatience, enough);
}

Task<> replaces_one_that_is_killed(FakeWorker& fake) {
  World world(2, running(fake.path()));
  world.pool.start();
  co_await started(fake, 2);
  const FakeWorker::Start victim = fake.starts()[0];
  const FakeWorker::Start other = fake.starts()[1];
  const Monotonic::time_point killed = Monotonic::now();
  kill(victim.pid, SIGKILL);
  co_await started(fake, 3);
  EXPECT_LT(Monotonic::now() - killed, Seconds(5));
  EXPECT_EQ(fake.starts()[2].slot, victim.slot);
  EXPECT_EQ(kill(other.pid, 0), 0);
  EXPECT_EQ(world.replaced(Replaced::signal), 1u);
  co_await world.pool.drain(kPatience);
  EXPECT_EQ(fake.count(), 3u);
  EXPECT_EQ(world.replaced(Replaced::signal), 1u);
}

TEST(Pool, ReplacesAWorkerThatIsKilledAndTheOthersNeverNotice) {
  FakeWorker fake(test::kPatient);
  run_on_loop(replaces_one_that_is_killed(fake), Seconds(40));
}

Task<> backs_off(FakeWorker& fake) {
  World world(1, running(fake.path()));
  const Monotonic::time_point begin = Monotonic::now();
  world.pool.start();
  co_await started(fake, 4);  // at once, then after 0.25 s and 0.5 s, each less a quarter at most
  EXPECT_GE(Monotonic::now() - begin, Millis(560));
  co_await world.pool.drain(kPatience);
  EXPECT_GE(world.replaced(Replaced::exit), 3u);
  EXPECT_EQ(world.replaced(Replaced::signal), 0u);
}

TEST(Pool, StartsACrashingWorkerLaterAndLater) {
  FakeWorker fake(test::kCrashes);
  run_on_loop(backs_off(fake), Seconds(40));
}

Task<> forgives(FakeWorker& fake) {
  Pool::Settings settings = running(fake.path());
  settings.good_service = Millis(0);
  World world(1, settings);
  const Monotonic::time_point begin = Monotonic::now();
  world.pool.start();
  co_await started(fake, 8);  // with the backoff this would be 11 s at least
  EXPECT_LT(Monotonic::now() - begin, Seconds(11));
  co_await world.pool.drain(kPatience);
}

TEST(Pool, StartsTheBackoffAnewAfterGoodService) {
  FakeWorker fake(test::kCrashes);
  run_on_loop(forgives(fake), Seconds(40));
}

Task<> survives_a_missing_binary() {
  World world(2, running("/nonexistent/ryumem-worker"));
  world.pool.start();
  const std::function<bool()> tried = [&] { return world.replaced(Replaced::spawn_failure) >= 6; };
  co_await eventually("each slot has been tried again", kPatience, tried);
  EXPECT_EQ(world.pool.ready(), 0);
  const Monotonic::time_point asked = Monotonic::now();
  co_await world.pool.drain(kPatience);  // in the middle of a wait
  EXPECT_LT(Monotonic::now() - asked, kPatience);
}

TEST(Pool, GoesOnTryingWhenTheWorkerCannotBeStarted) { run_on_loop(survives_a_missing_binary()); }

Task<> counters_never_fall() {
  World world(2, running("/proc/self/exe", {{"RYUMEM_TEST_COUNT_AND_CRASH", "1"}}));
  for (int i = 0; i < 2; ++i) world.board.slot(i).claimed.store(5);
  world.pool.start();
  std::uint64_t highest = 0;
  bool fell = false;
  const std::function<bool()> crashed = [&] {
    const std::uint64_t now = world.board.slot(0).claimed.load();
    fell = fell || now < highest;
    highest = now;
    return world.replaced(Replaced::signal) >= 4;
  };
  co_await eventually("workers have crashed", kPatience, crashed);
  co_await world.pool.drain(kPatience);
  EXPECT_FALSE(fell);
  std::uint64_t total = 0;
  for (int i = 0; i < 2; ++i) {
    const Slot& slot = world.board.slot(i);
    total += slot.claimed.load();
    EXPECT_EQ(slot.pid.load(), 0u);
    EXPECT_EQ(slot.jobs_in_hand.load(), 0u);
    EXPECT_EQ(state_of(slot), WorkerState::stopped);
  }
  EXPECT_GE(total, 4'010u);
}

TEST(Pool, CountersNeverFallWhenAWorkerDies) { run_on_loop(counters_never_fall(), Seconds(40)); }

Task<> drains(FakeWorker& fake) {
  World world(3, running(fake.path()));
  world.pool.start();
  co_await started(fake, 3);
  EXPECT_FALSE(world.pool.draining());
  co_await world.pool.drain(Seconds(60));
  EXPECT_TRUE(world.pool.draining());
  EXPECT_EQ(fake.count(), 3u);
  for (const FakeWorker::Start& start : fake.starts()) EXPECT_EQ(kill(start.pid, 0), -1);
  EXPECT_EQ(world.pool.replacements(), Replacements{});
}

TEST(Pool, DrainEndsAllWorkersAndReplacesNone) {
  FakeWorker fake(test::kPatient);
  run_on_loop(drains(fake));
}

Task<> kills_at_the_limit(FakeWorker& fake) {
  World world(2, running(fake.path()));
  world.pool.start();
  co_await trapped(fake, 2);
  const Monotonic::time_point asked = Monotonic::now();
  co_await world.pool.drain(Millis(300));
  EXPECT_GE(Monotonic::now() - asked, Millis(300));
  for (const FakeWorker::Start& start : fake.starts()) EXPECT_EQ(kill(start.pid, 0), -1);
}

TEST(Pool, DrainKillsThoseWhoDoNotStopInTime) {
  FakeWorker fake(test::kIgnoresTerm);
  run_on_loop(kills_at_the_limit(fake));
}

Task<> hurries(FakeWorker& fake) {
  World world(2, running(fake.path()));
  world.pool.start();
  co_await trapped(fake, 2);
  Scope draining;
  draining.spawn(world.pool.drain(Seconds(60)));
  const std::function<bool()> told = [&] { return fake.terms() == 2; };
  co_await eventually("both workers had the first signal", kPatience, told);
  EXPECT_EQ(draining.running(), 1u);
  world.pool.hurry(Seconds(60));
  co_await draining.join();
  EXPECT_EQ(fake.terms(), 4u);
}

TEST(Pool, HurryAsksTheWorkersASecondTime) {
  FakeWorker fake(test::kEndsAtTheSecondTerm);
  run_on_loop(hurries(fake), Seconds(40));
}

Task<> hands_over_exactly(FakeWorker& fake) {
  World world(1, running(fake.path(), {{"WORKER_INTERNAL_KEY", "secret-key"}}));
  world.pool.start();
  const std::function<bool()> told = [&] { return fake.traps() == 1; };
  co_await eventually("the worker has told what it has", kPatience, told);
  const std::string files = fake.file(".fds");
  EXPECT_THAT(files, testing::HasSubstr(" 0 -> /dev/null\n"));
  EXPECT_THAT(files, testing::HasSubstr(" 3 -> pipe:["));
  EXPECT_THAT(files, testing::HasSubstr(" 4 -> /memfd:ryumem-scoreboard"));
  for (int fd = 5; fd < 10; ++fd)  // from 10 on they are the shell's own
    EXPECT_THAT(files, testing::Not(testing::HasSubstr(fmt::format(" {} -> ", fd))));
  EXPECT_EQ(fake.file(".env"), "0 " + std::to_string(getpid()) + " secret-key\n");
  EXPECT_THAT(fake.file(".args"), testing::Not(testing::HasSubstr("secret-key")));
  co_await world.pool.drain(kPatience);
}

TEST(Pool, HandsAWorkerItsDescriptorsAndItsEnvironmentAndNothingElse) {
  FakeWorker fake(
      "ls -l /proc/$$/fd >\"$LOG.fds\"\n"
      "echo $RYUMEM_SLOT $RYUMEM_SUPERVISOR_PID $WORKER_INTERNAL_KEY >\"$LOG.env\"\n"
      "tr '\\0' ' ' </proc/$$/cmdline >\"$LOG.args\"\n"
      "echo told >>\"$LOG.traps\"\nexec cat <&3");
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // as main does, for what this process was given
  run_on_loop(hands_over_exactly(fake));
}

// Which worker ended, and whether that was a crash, as the pool tells it.
using Ended = std::vector<std::pair<std::string, bool>>;

Task<> tells_who_ended(FakeWorker& fake, Ended* ended) {
  Pool::Settings settings = running(fake.path());
  settings.owner = "host.1.2";
  settings.ended = [ended](std::string owner, bool crashed) {
    ended->emplace_back(std::move(owner), crashed);
  };
  World world(1, settings);
  world.pool.start();
  co_await started(fake, 1);
  kill(fake.starts()[0].pid, SIGKILL);
  co_await started(fake, 2);
  co_await world.pool.drain(kPatience);
}

TEST(Pool, TellsUnderWhichNameAWorkerClaimedAndThatItWasKilled) {
  FakeWorker fake("echo $RYUMEM_OWNER >>\"$LOG.owners\"\ntrap 'exit 0' TERM\n" +
                  std::string("echo trapped >>\"$LOG.traps\"\n") +
                  "cat <&3 & while kill -0 $! 2>/dev/null; do wait $!; done");
  Ended ended;
  run_on_loop(tells_who_ended(fake, &ended), Seconds(40));
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0], (std::pair<std::string, bool>("host.1.2.0.1", true)));
  EXPECT_EQ(ended[1].first, "host.1.2.0.2");
}

Task<> tells_how_it_ended(FakeWorker& fake, Ended* ended) {
  Pool::Settings settings = running(fake.path());
  settings.owner = "h";
  settings.ended = [ended](std::string owner, bool crashed) {
    ended->emplace_back(std::move(owner), crashed);
  };
  World world(1, settings);
  world.pool.start();
  co_await started(fake, 2);
  co_await world.pool.drain(kPatience);
}

Task<> kills_the_silent(FakeWorker& fake) {
  Pool::Settings settings = running(fake.path());
  settings.heartbeat_limit = Millis(1500);
  World world(1, std::move(settings));
  world.pool.start();
  const std::function<bool()> killed = [&] { return world.replaced(Replaced::hang) >= 1; };
  co_await eventually("the silent worker is killed and replaced", kPatience, killed);
  co_await world.pool.drain(Millis(0));
}

TEST(Pool, KillsAWorkerWhoseHeartHasStopped) {
  FakeWorker fake(test::kPatient);
  run_on_loop(kills_the_silent(fake), Seconds(40));
}

TEST(Pool, KillsAWorkerWhoseHeartHasStoppedAlsoWhenItWillNotAbort) {
  FakeWorker fake("trap '' ABRT; exec cat <&3");
  run_on_loop(kills_the_silent(fake), Seconds(40));
}

Task<> spares_the_living(FakeWorker& fake) {
  Pool::Settings settings = running(fake.path());
  settings.heartbeat_limit = Millis(1500);
  World world(1, std::move(settings));
  world.pool.start();
  Timer heart;
  heart.every(Millis(100), [&world] { world.board.slot(0).beat_ns.store(monotonic_ns()); });
  const Monotonic::time_point enough = Monotonic::now() + Seconds(5);
  const std::function<bool()> time_is_over = [&] { return Monotonic::now() > enough; };
  co_await eventually("three limits have passed", kPatience, time_is_over);
  EXPECT_EQ(world.replaced(Replaced::hang), 0u);
  EXPECT_EQ(world.replaced(Replaced::signal), 0u);
  EXPECT_EQ(fake.count(), 1u);
  heart.stop();
  co_await world.pool.drain(Millis(0));
}

TEST(Pool, LeavesAWorkerAloneWhoseHeartBeats) {
  FakeWorker fake(test::kPatient);
  run_on_loop(spares_the_living(fake), Seconds(40));
}

TEST(Pool, TellsAnOrderlyEndFromACrash) {
  for (const bool crashes : {false, true}) {
    FakeWorker fake(crashes ? "exit 3" : "exit 0");
    Ended ended;
    run_on_loop(tells_how_it_ended(fake, &ended), Seconds(40));
    ASSERT_GE(ended.size(), 2u);
    EXPECT_EQ(ended[0], (std::pair<std::string, bool>("h.0.1", crashes)));
  }
}

}  // namespace
}  // namespace ryumem
