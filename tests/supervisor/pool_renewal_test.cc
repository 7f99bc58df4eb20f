// Workers replaced in good order: for a new configuration, and because they have served enough.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "supervisor/pool.h"
#include "tests/supervisor/steady_worker.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::run_on_loop;
using test::SteadyWorkers;
using test::TempDir;
using testing::HasSubstr;

constexpr Millis kPatience{30'000};
constexpr Millis kWholeTest{50'000};

// A pool with a slot to spare, watched the whole time once all its workers are up.
struct World {
  Scoreboard board;
  Pool pool;
  Timer watching;
  int fewest = 1000;
  int most = 0;

  World(int most_workers, Pool::Settings settings)
      : board(Scoreboard::create(most_workers + 1)), pool(board, std::move(settings)) {}

  void watch() {
    watching.every(Millis(1), [this] {
      fewest = std::min(fewest, pool.ready());
      most = std::max(most, pool.present());
    });
  }
  std::uint64_t replaced(Replaced reason) const {
    return pool.replacements()[static_cast<std::size_t>(reason)];
  }
  int slots_in(WorkerState state) const {
    int count = 0;
    for (int i = 0; i < board.slots(); ++i) count += state_of(board.slot(i)) == state;
    return count;
  }
};

Task<> all_ready(World& world, int count) {
  const std::function<bool()> enough = [&] { return world.pool.ready() == count; };
  co_await eventually("all workers are ready", kPatience, enough);
}

Task<> rolls(SteadyWorkers& fakes) {
  World world(8, fakes.settings(3));
  world.pool.start();
  co_await all_ready(world, 3);
  world.watch();
  Environment next = fakes.environment({{"VERSION", "2"}});
  const bool adopted = co_await world.pool.adopt(std::move(next));
  EXPECT_TRUE(adopted);
  const std::function<bool()> done = [&] {
    return world.pool.outdated() == 0 && world.pool.present() == 3;
  };
  co_await eventually("all workers are replaced", kPatience, done);
  world.watching.stop();
  EXPECT_EQ(world.fewest, 3);
  EXPECT_EQ(world.most, 4);
  EXPECT_EQ(fakes.count("start", "2"), 3u);
  EXPECT_EQ(fakes.count("TERM", "1"), 3u);
  EXPECT_EQ(world.replaced(Replaced::reload), 3u);
  EXPECT_EQ(world.replaced(Replaced::exit) + world.replaced(Replaced::signal), 0u);
  EXPECT_EQ(world.slots_in(WorkerState::ready), 3);
  EXPECT_EQ(world.slots_in(WorkerState::unused), 6);
  co_await world.pool.drain(kPatience);
}

TEST(PoolRenewal, ReplacesOneAfterTheOtherAndEachIsReadyBeforeItsPredecessorGoes) {
  SteadyWorkers fakes;
  run_on_loop(rolls(fakes), kWholeTest);
  // Start, then TERM, then the next start: nobody was on his way together with another.
  std::string order;
  for (const SteadyWorkers::Line& line : fakes.lines())
    if ((line.version == "2") == (line.word == "start")) order += line.word == "start" ? 's' : 'T';
  EXPECT_EQ(order.substr(0, 6), "sTsTsT");
}

Task<> refuses(SteadyWorkers& fakes, Environment broken, std::string why) {
  Pool::Settings settings = fakes.settings(2);
  settings.start_limit = Seconds(3);  // far longer than a start takes, also with sanitizers
  World world(4, std::move(settings));
  world.pool.start();
  co_await all_ready(world, 2);
  world.watch();
  broken["VERSION"] = "2";
  Environment next = fakes.environment(broken);
  const bool adopted = co_await world.pool.adopt(std::move(next));
  EXPECT_FALSE(adopted);
  EXPECT_EQ(world.pool.outdated(), 0);
  const std::function<bool()> gone = [&] { return world.slots_in(WorkerState::unused) == 3; };
  co_await eventually("the failed replacement is gone", kPatience, gone);
  EXPECT_EQ(world.fewest, 2);
  EXPECT_EQ(world.replaced(Replaced::reload), 0u);
  // Whoever dies now is replaced by what worked.
  for (const SteadyWorkers::Line& line : fakes.lines())
    if (line.version == "1" && line.slot == 0) kill(line.pid, SIGKILL);
  const std::function<bool()> back = [&] { return fakes.count("start", "1") == 3; };
  co_await eventually("a worker of the old configuration is there", kPatience, back);
  world.watching.stop();
  co_await all_ready(world, 2);
  EXPECT_EQ(fakes.count("start", "2"), 1u);
  EXPECT_THAT(world.pool.deaths().latest().front().what, HasSubstr(why));
  co_await world.pool.drain(kPatience);
}

TEST(PoolRenewal, StaysWithWhatWorksWhenTheFirstReplacementDies) {
  SteadyWorkers fakes;
  run_on_loop(refuses(fakes, {{"EXIT", "78"}}, "exited with code 78"), kWholeTest);
}

TEST(PoolRenewal, StaysWithWhatWorksWhenTheFirstReplacementNeverGetsReady) {
  SteadyWorkers fakes;
  run_on_loop(refuses(fakes, {{"READY_MS", "never"}}, "killed by signal 9"), kWholeTest);
}

// As often as it may: a replacement that cannot even be started takes no place from a later one.
Task<> stays_renewable(SteadyWorkers& fakes, const TempDir& folder) {
  const std::string binary = folder.file("worker");
  std::filesystem::create_symlink("/proc/self/exe", binary);
  Pool::Settings settings = fakes.settings(1);
  settings.binary = binary;
  World world(2, std::move(settings));
  world.pool.start();
  co_await all_ready(world, 1);
  std::filesystem::remove(binary);
  for (int i = 0; i < 3; ++i) {
    Environment next = fakes.environment({{"VERSION", "2"}});
    const bool adopted = co_await world.pool.adopt(std::move(next));
    EXPECT_FALSE(adopted);
    EXPECT_EQ(world.slots_in(WorkerState::unused), 2);
  }
  std::filesystem::create_symlink("/proc/self/exe", binary);
  Environment next = fakes.environment({{"VERSION", "2"}});
  const bool adopted = co_await world.pool.adopt(std::move(next));
  EXPECT_TRUE(adopted);
  co_await world.pool.drain(kPatience);
}

TEST(PoolRenewal, GoesOnWhenReplacementsCouldNotBeStarted) {
  SteadyWorkers fakes;
  const TempDir folder;
  run_on_loop(stays_renewable(fakes, folder), kWholeTest);
  EXPECT_EQ(fakes.count("start", "2"), 1u);
}

Task<> survives_want_of_slots(SteadyWorkers& fakes) {
  World world(2, fakes.settings(1));
  world.pool.start();
  co_await all_ready(world, 1);
  const auto mark_spare_slots = [&world](WorkerState state) {
    for (int i = 1; i < world.board.slots(); ++i)
      world.board.slot(i).state.store(static_cast<std::uint64_t>(state));
  };
  mark_spare_slots(WorkerState::stopped);
  Environment next = fakes.environment({{"VERSION", "2"}});
  const bool adopted = co_await world.pool.adopt(std::move(next));
  EXPECT_FALSE(adopted);
  mark_spare_slots(WorkerState::unused);
  Environment again = fakes.environment({{"VERSION", "2"}});
  const bool adopted_then = co_await world.pool.adopt(std::move(again));
  EXPECT_TRUE(adopted_then);
  co_await world.pool.drain(kPatience);
}

TEST(PoolRenewal, GoesOnWhenThereWasNoSlotForAReplacement) {
  SteadyWorkers fakes;
  run_on_loop(survives_want_of_slots(fakes), kWholeTest);
}

// The one who is to be replaced dies while its replacement is still starting.
Task<> keeps_the_post(SteadyWorkers& fakes) {
  World world(4, fakes.settings(1));
  world.pool.start();
  co_await all_ready(world, 1);
  const int old = fakes.lines()[0].pid;
  Scope adopting;
  Environment next = fakes.environment({{"VERSION", "2"}, {"READY_MS", "500"}});
  adopting.spawn([](Pool* pool, Environment environment) -> Task<> {
    const bool adopted = co_await pool->adopt(std::move(environment));
    EXPECT_TRUE(adopted);
  }(&world.pool, std::move(next)));
  const std::function<bool()> starting = [&] { return fakes.count("start", "2") == 1; };
  co_await eventually("the replacement is starting", kPatience, starting);
  kill(old, SIGKILL);
  co_await adopting.join();
  co_await all_ready(world, 1);
  EXPECT_EQ(fakes.count("start"), 2u);
  EXPECT_EQ(world.pool.present(), 1);
  EXPECT_EQ(world.slots_in(WorkerState::unused), 4);
  co_await world.pool.drain(kPatience);
}

TEST(PoolRenewal, LosesNoPostWhenTheOldOneDiesBeforeTheNewOneIsReady) {
  SteadyWorkers fakes;
  run_on_loop(keeps_the_post(fakes), kWholeTest);
}

// With all workers dead there is nothing to keep, and nobody to wait for.
Task<> mends(SteadyWorkers& fakes) {
  World world(4, fakes.settings(2, {{"EXIT", "70"}}));
  world.pool.start();
  const std::function<bool()> looping = [&] { return world.pool.troubles().size() == 2; };
  co_await eventually("both workers die again and again", kPatience, looping);
  EXPECT_THAT(world.pool.troubles()[1], HasSubstr("worker 1 has ended "));
  EXPECT_THAT(world.pool.troubles()[1], HasSubstr("exited with code 70"));
  Environment next = fakes.environment({{"VERSION", "2"}});
  const bool adopted = co_await world.pool.adopt(std::move(next));
  EXPECT_TRUE(adopted);
  co_await all_ready(world, 2);
  co_await world.pool.drain(kPatience);
}

TEST(PoolRenewal, ANewConfigurationEndsACrashLoopAtOnce) {
  SteadyWorkers fakes;
  run_on_loop(mends(fakes), kWholeTest);
}

Task<> recycles(SteadyWorkers& fakes, Pool::Settings settings, Replaced reason, bool finish_jobs) {
  World world(4, std::move(settings));
  world.pool.start();
  co_await all_ready(world, 2);
  world.watch();
  if (finish_jobs)
    for (int i = 0; i < 2; ++i) world.board.slot(i).jobs[Outcome::completed].store(100);
  const std::function<bool()> replaced = [&] { return world.replaced(reason) >= 2; };
  co_await eventually("workers are replaced", kPatience, replaced);
  world.watching.stop();
  EXPECT_GE(world.fewest, 2);
  EXPECT_LE(world.most, 3);
  std::uint64_t jobs = 0;
  for (int i = 0; i < world.board.slots(); ++i)
    jobs += world.board.slot(i).jobs[Outcome::completed].load();
  EXPECT_EQ(jobs, finish_jobs ? 200u : 0u);  // what was counted stays
  EXPECT_EQ(world.pool.deaths().latest().front().reason, name(reason));
  EXPECT_EQ(world.pool.troubles(), std::vector<std::string>());
  co_await world.pool.drain(kPatience);
  if (finish_jobs) {
    EXPECT_EQ(fakes.count("start"), 4u);
  }
}

TEST(PoolRenewal, ReplacesAWorkerThatHasDoneItsJobs) {
  SteadyWorkers fakes;
  Pool::Settings settings = fakes.settings(2);
  settings.wear.jobs = 100;
  run_on_loop(recycles(fakes, settings, Replaced::jobs, true), kWholeTest);
}

TEST(PoolRenewal, ReplacesAWorkerThatIsOld) {
  SteadyWorkers fakes;
  Pool::Settings settings = fakes.settings(2);
  settings.wear.age = Seconds(2);
  run_on_loop(recycles(fakes, settings, Replaced::age, false), kWholeTest);
}

TEST(PoolRenewal, ReplacesAWorkerThatHasTakenMuchMemory) {
  SteadyWorkers fakes;
  Pool::Settings settings = fakes.settings(2, {{"HOG_MB", "150"}});
  settings.wear.memory = 150 << 20;
  run_on_loop(recycles(fakes, settings, Replaced::memory, false), kWholeTest);
}

Task<> kills_the_lingering(SteadyWorkers& fakes) {
  Pool::Settings settings = fakes.settings(1, {{"LINGER_MS", "600000"}});
  settings.finish_limit = Millis(300);
  World world(2, std::move(settings));
  world.pool.start();
  co_await all_ready(world, 1);
  Environment next = fakes.environment({{"VERSION", "2"}});
  const bool adopted = co_await world.pool.adopt(std::move(next));
  EXPECT_TRUE(adopted);
  const std::function<bool()> alone = [&] { return world.pool.present() == 1; };
  co_await eventually("the old one is gone", kPatience, alone);
  EXPECT_EQ(world.pool.deaths().latest().back().ending.signal, SIGKILL);
  EXPECT_EQ(world.pool.deaths().latest().back().reason, "reload");
  co_await world.pool.drain(kPatience);
}

TEST(PoolRenewal, KillsAReplacedWorkerThatDoesNotEndInTime) {
  SteadyWorkers fakes;
  run_on_loop(kills_the_lingering(fakes), kWholeTest);
}

// It had one TERM to be replaced; a second one would tell it to hurry.
Task<> asks_once(SteadyWorkers& fakes) {
  World world(2, fakes.settings(1, {{"LINGER_MS", "500"}}));
  world.pool.start();
  co_await all_ready(world, 1);
  Environment next = fakes.environment({{"VERSION", "2"}});
  const bool adopted = co_await world.pool.adopt(std::move(next));
  EXPECT_TRUE(adopted);
  const std::function<bool()> told = [&] { return fakes.count("TERM", "1") == 1; };
  co_await eventually("the old one is told to end", kPatience, told);
  co_await world.pool.drain(kPatience);
  EXPECT_EQ(fakes.count("TERM", "1"), 1u);
  EXPECT_EQ(fakes.count("TERM", "2"), 1u);
  EXPECT_EQ(world.pool.present(), 0);
}

TEST(PoolRenewal, ADrainInTheMiddleEndsBothAndAsksEachOnce) {
  SteadyWorkers fakes;
  run_on_loop(asks_once(fakes), kWholeTest);
}

}  // namespace
}  // namespace ryumem
