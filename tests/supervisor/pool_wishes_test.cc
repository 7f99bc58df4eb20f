// How many workers there are to be, and what all of them are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "supervisor/pool.h"
#include "tests/supervisor/steady_worker.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::run_on_loop;
using test::SteadyWorkers;

constexpr Millis kPatience{30'000};
constexpr Millis kWholeTest{50'000};

Task<> ready(Pool& pool, int count) {
  const std::function<bool()> enough = [&] {
    return pool.ready() == count && pool.present() == count;
  };
  co_await eventually("so many workers are ready", kPatience, enough);
}

Task<> grows_and_shrinks(SteadyWorkers& fakes) {
  Scoreboard board = Scoreboard::create(4);
  Pool pool(board, fakes.settings(2));
  pool.start();
  co_await ready(pool, 2);
  pool.set_wanted(3);
  co_await ready(pool, 3);
  pool.set_wanted(100);
  EXPECT_EQ(pool.wanted(), 3);
  pool.set_wanted(0);
  EXPECT_EQ(pool.wanted(), 1);
  co_await ready(pool, 1);
  EXPECT_EQ(fakes.count("TERM"), 2u);
  EXPECT_EQ(pool.replacements(), Replacements{});
  EXPECT_EQ(pool.deaths().latest().back().reason, "fewer");
  EXPECT_EQ(state_of(board.slot(2)), WorkerState::unused);
  pool.set_wanted(2);
  co_await ready(pool, 2);
  co_await pool.drain(kPatience);
}

TEST(PoolWishes, HasOneMoreOrOneFewerWithinItsBounds) {
  SteadyWorkers fakes;
  run_on_loop(grows_and_shrinks(fakes), kWholeTest);
}

// Wanted again before the one that was too many has gone.
Task<> changes_its_mind(SteadyWorkers& fakes) {
  Scoreboard board = Scoreboard::create(3);
  Pool pool(board, fakes.settings(2, {{"LINGER_MS", "300"}}));
  pool.start();
  co_await ready(pool, 2);
  pool.set_wanted(1);
  pool.set_wanted(2);
  pool.set_wanted(1);
  pool.set_wanted(2);
  const std::function<bool()> again = [&] { return fakes.count("start") == 3; };
  co_await eventually("a new one takes its place", kPatience, again);
  co_await ready(pool, 2);
  EXPECT_EQ(fakes.count("TERM"), 1u);
  co_await pool.drain(kPatience);
}

TEST(PoolWishes, FillsAPostAgainThatIsWantedAgain) {
  SteadyWorkers fakes;
  run_on_loop(changes_its_mind(fakes), kWholeTest);
}

Task<> is_quiet(SteadyWorkers& fakes) {
  Scoreboard board = Scoreboard::create(4);
  Pool pool(board, fakes.settings(1));
  pool.start();
  co_await ready(pool, 1);
  pool.set_quiet(true);
  const std::function<bool()> told = [&] { return fakes.count("TSTP") == 1; };
  co_await eventually("the worker is told", kPatience, told);
  // One that was not there yet knows it by the scoreboard.
  pool.set_wanted(2);
  const std::function<bool()> quiet = [&] { return state_of(board.slot(1)) == WorkerState::quiet; };
  co_await eventually("the new one is quiet", kPatience, quiet);
  EXPECT_EQ(pool.ready(), 2);
  pool.set_quiet(false);
  const std::function<bool()> resumed = [&] { return fakes.count("CONT") == 2; };
  co_await eventually("both are told to go on", kPatience, resumed);
  EXPECT_FALSE(board.quiet());
  co_await pool.drain(kPatience);
}

TEST(PoolWishes, QuietReachesWorkersThatAreThereAndThoseToCome) {
  SteadyWorkers fakes;
  run_on_loop(is_quiet(fakes), kWholeTest);
}

Task<> tells_only_the_ready(SteadyWorkers& fakes) {
  Scoreboard board = Scoreboard::create(3);
  Pool pool(board, fakes.settings(1, {{"READY_MS", "never"}}));
  pool.start();
  const std::function<bool()> started = [&] { return fakes.count("start") == 1; };
  co_await eventually("a worker is starting", kPatience, started);
  pool.tell(SIGUSR1);
  board.slot(0).state.store(static_cast<std::uint64_t>(WorkerState::ready));
  pool.tell(SIGUSR1);
  const std::function<bool()> told = [&] { return fakes.count("USR1") == 1; };
  co_await eventually("the worker is told", kPatience, told);
  co_await pool.drain(kPatience);
  EXPECT_EQ(fakes.count("USR1"), 1u);
}

TEST(PoolWishes, SignalsOnlyWorkersThatAreFarEnoughToKnowThem) {
  SteadyWorkers fakes;
  run_on_loop(tells_only_the_ready(fakes), kWholeTest);
}

}  // namespace
}  // namespace ryumem
