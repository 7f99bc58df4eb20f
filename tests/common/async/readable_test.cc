#include "common/async/readable.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "common/base/failure.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

Task<> tells_what_comes(int reader, int writer) {
  std::string got;
  bool ended = false;
  ReadableWatch watch(reader, [&] {
    char bytes[16];
    const ssize_t count = read(reader, bytes, sizeof(bytes));
    if (count > 0) got.append(bytes, static_cast<std::size_t>(count));
    ended = ended || count == 0;
  });
  EXPECT_EQ(write(writer, "one", 3), 3);
  const std::function<bool()> one = [&] { return got == "one"; };
  co_await test::eventually("it is told of the first", Seconds(10), one);
  EXPECT_EQ(write(writer, "two", 3), 3);
  const std::function<bool()> two = [&] { return got == "onetwo"; };
  co_await test::eventually("it is told of the second", Seconds(10), two);
  close(writer);
  const std::function<bool()> end = [&] { return ended; };
  co_await test::eventually("it is told of the end", Seconds(10), end);
}

TEST(ReadableWatch, TellsOfBytesAndOfTheEndAndLeavesTheFlagsAlone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int flags = fcntl(ends[0], F_GETFL);
  test::run_on_loop(tells_what_comes(ends[0], ends[1]));
  EXPECT_EQ(fcntl(ends[0], F_GETFL), flags);
  close(ends[0]);
}

Task<> watches_a_file(int fd) {
  EXPECT_THROW(ReadableWatch(fd, [] {}), Failure);
  co_return;
}

TEST(ReadableWatch, RefusesWhatCannotBeWatched) {
  const int fd = open("/proc/self/exe", O_RDONLY);
  test::run_on_loop(watches_a_file(fd));
  close(fd);
}

}  // namespace
}  // namespace ryumem
