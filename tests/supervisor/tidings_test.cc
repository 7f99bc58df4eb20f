#include "supervisor/tidings.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

class TidingsOf : public testing::Test {
 protected:
  TidingsOf() : board(Scoreboard::create(3)), status(board) {
    for (int i = 0; i < 3; ++i) enter(i, i < 2 ? WorkerState::ready : WorkerState::unused);
    board.slot(0).jobs_in_hand.store(4);
    board.slot(1).jobs_in_hand.store(5);
    status.figures.redis_up = true;
    status.figures.workers_wanted = 2;
    status.figures.pending = 12;
  }
  void enter(int slot, WorkerState state) {
    board.slot(slot).state.store(static_cast<std::uint64_t>(state));
  }
  std::uint64_t progress() const { return tidings(status, 2, 2).progress; }

  Scoreboard board;
  Status status;
};

TEST_F(TidingsOf, AreALineForPeople) {
  EXPECT_EQ(tidings(status, 2, 2).line, "2 of 2 workers ready, 9 jobs in hand, 12 waiting");
  EXPECT_TRUE(tidings(status, 2, 2).worker_ready);
  status.figures.pending.reset();
  status.figures.redis_up = false;
  status.redis_trouble = "connection\nrefused";
  enter(0, WorkerState::starting);
  EXPECT_EQ(tidings(status, 2, 2).line,
            "1 of 2 workers ready, 9 jobs in hand; redis: connection refused");
  status.draining = true;
  EXPECT_EQ(tidings(status, 2, 2).line, "draining: 2 workers finish 9 jobs in hand");
}

TEST_F(TidingsOf, AreOfNoReadyWorkerWhileAllStart) {
  for (int i = 0; i < 2; ++i) enter(i, WorkerState::starting);
  EXPECT_FALSE(tidings(status, 2, 2).worker_ready);
}

TEST_F(TidingsOf, AskHalfOfTheWorkersToBeatForAQuorum) {
  EXPECT_TRUE(tidings(status, 3, 2).quorum);
  EXPECT_TRUE(tidings(status, 2, 1).quorum);
  EXPECT_FALSE(tidings(status, 3, 1).quorum);
  EXPECT_FALSE(tidings(status, 1, 0).quorum);
  EXPECT_TRUE(tidings(status, 0, 0).quorum);
}

TEST_F(TidingsOf, ShowProgressInJobsStepsAndWorkersThatEnd) {
  const std::uint64_t first = progress();
  EXPECT_EQ(progress(), first);
  board.slot(1).jobs[Outcome::completed].add();
  const std::uint64_t second = progress();
  EXPECT_NE(second, first);
  board.slot(0).of(Step::embed_facts).observe(1.5);
  const std::uint64_t third = progress();
  EXPECT_NE(third, second);
  enter(0, WorkerState::stopped);
  EXPECT_NE(progress(), third);
}

}  // namespace
}  // namespace ryumem
