#include "common/ops/scoreboard.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <set>
#include <string>

namespace ryumem {
namespace {

using testing::HasSubstr;

std::string refusal_of(int fd) {
  try {
    Scoreboard::attach(fd);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::system);
    return failure.what();
  }
  return "it was accepted";
}

// A memfd of the scoreboard's own size that holds something else.
int foreign_memory(const Scoreboard& board) {
  const int fd = memfd_create("foreign", MFD_CLOEXEC);
  const off_t size = lseek(board.fd(), 0, SEEK_END);
  EXPECT_EQ(ftruncate(fd, size), 0);
  return fd;
}

TEST(Scoreboard, StartsAtZeroInEverySlot) {
  const Scoreboard board = Scoreboard::create(3);
  ASSERT_EQ(board.slots(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(board.slot(i).pid.load(), 0u);
    EXPECT_EQ(board.slot(i).attempt.sum_us.load(), 0u);
  }
}

TEST(Scoreboard, IsSeenByWhoeverAttachesToItsDescriptor) {
  Scoreboard board = Scoreboard::create(2);
  Scoreboard other = Scoreboard::attach(dup(board.fd()));
  ASSERT_EQ(other.slots(), 2);
  other.slot(1).claimed.add(5);
  other.slot(0).tokens_in.add(7);
  EXPECT_EQ(board.slot(1).claimed.load(), 5u);
  EXPECT_EQ(board.slot(0).claimed.load(), 0u);
  EXPECT_EQ(board.slot(0).tokens_in.load(), 7u);
}

TEST(Scoreboard, KeepsWhatAKilledProcessHasCounted) {
  Scoreboard board = Scoreboard::create(1);
  std::uint64_t before = 0;
  for (int generation = 0; generation < 3; ++generation) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Scoreboard mine = Scoreboard::attach(board.fd());
      for (;;) mine.slot(0).claimed.add();
    }
    while (board.slot(0).claimed.load() < before + 1'000) usleep(100);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const std::uint64_t after = board.slot(0).claimed.load();
    EXPECT_GE(after, before + 1'000);
    EXPECT_EQ(board.slot(0).claimed.load(), after);
    before = after;
  }
}

TEST(Scoreboard, IsNotInheritedByAccident) {
  const Scoreboard board = Scoreboard::create(1);
  EXPECT_EQ(fcntl(board.fd(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(Scoreboard, RefusesADescriptorThatIsNotOpen) {
  EXPECT_THAT(refusal_of(987), HasSubstr("descriptor 987"));
}

TEST(Scoreboard, RefusesAFileThatIsTooSmall) {
  const int fd = memfd_create("small", MFD_CLOEXEC);
  EXPECT_THAT(refusal_of(fd), HasSubstr("is not a supervisor's scoreboard"));
  close(fd);
}

TEST(Scoreboard, RefusesAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_THAT(refusal_of(ends[0]), HasSubstr("is not a supervisor's scoreboard"));
  close(ends[0]);
  close(ends[1]);
}

TEST(Scoreboard, RefusesMemoryOfAnotherLayout) {
  const Scoreboard board = Scoreboard::create(2);
  EXPECT_THAT(refusal_of(foreign_memory(board)), HasSubstr("different versions"));
}

TEST(Scoreboard, RefusesMemoryThatIsShorterThanItsSlots) {
  const Scoreboard board = Scoreboard::create(4);
  const off_t size = lseek(board.fd(), 0, SEEK_END);
  ASSERT_EQ(ftruncate(board.fd(), size - static_cast<off_t>(sizeof(Slot))), 0);
  EXPECT_THAT(refusal_of(dup(board.fd())), HasSubstr("is not a supervisor's scoreboard"));
}

TEST(Scoreboard, HasAWordForEveryValue) {
  std::set<std::string_view> steps;
  for (int i = 0; i < static_cast<int>(Step::count); ++i) steps.insert(name(static_cast<Step>(i)));
  EXPECT_EQ(steps.size(), static_cast<std::size_t>(Step::count));
  EXPECT_EQ(name(Outcome::given_back), "given_back");
  EXPECT_EQ(name(Call::extraction_complete), "extraction_complete");
  EXPECT_EQ(name(Reply::unreadable), "unreadable");
  EXPECT_EQ(name(Dropped::unknown_end), "unknown_end");
  EXPECT_EQ(name(Dropped::self_edge), "self_edge");
  EXPECT_EQ(name(Repair::thoughts), "thoughts");
  EXPECT_EQ(name(Repair::comma), "comma");
  EXPECT_EQ(name(Repair::shortened), "shortened");
  EXPECT_EQ(name(WorkerState::stopped), "stopped");
}

TEST(Durations, PutsABoundIntoItsOwnBucket) {
  Durations durations{};
  durations.observe(0.005);
  durations.observe(0.0050001);
  durations.observe(300);
  durations.observe(301);
  EXPECT_EQ(durations.buckets[0].load(), 1u);
  EXPECT_EQ(durations.buckets[1].load(), 1u);
  EXPECT_EQ(durations.buckets[kDurationBounds.size() - 1].load(), 1u);
  EXPECT_EQ(durations.buckets[kDurationBounds.size()].load(), 1u);
  EXPECT_EQ(durations.sum_us.load(), 601'010'000u);
}

TEST(Durations, TakesAClockThatWentBackAsNoTime) {
  Durations durations{};
  durations.observe(-1);
  EXPECT_EQ(durations.buckets[0].load(), 1u);
  EXPECT_EQ(durations.sum_us.load(), 0u);
}

}  // namespace
}  // namespace ryumem
