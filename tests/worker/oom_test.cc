#include "worker/oom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "common/base/last_words.h"
#include "tests/support/child_process.h"

namespace ryumem {
namespace {

using test::ChildProcess;
using testing::HasSubstr;

// This test program in the role of a worker that wants more and more, up to half a gigabyte.
[[noreturn]] void want_more(int limit) {
  leave_last_words("hungry");
  bound_memory(limit);
  std::vector<std::unique_ptr<char[]>> all;
  for (int megabytes = 0; megabytes < 512; ++megabytes)
    all.push_back(std::make_unique<char[]>(1 << 20));
  std::exit(0);
}
[[maybe_unused]] const bool kRole = [] {
  if (const char* limit = std::getenv("RYUMEM_TEST_HUNGRY")) want_more(std::atoi(limit));
  return true;
}();

TEST(Oom, EndsAProcessThatWantsMoreThanItMayHaveAndSaysWhy) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer has memory of its own, and an answer of its own";
#endif
  ChildProcess hungry({"/proc/self/exe"}, {"RYUMEM_TEST_HUNGRY=256"});
  EXPECT_EQ(hungry.wait(Seconds(30)), 128 + SIGABRT);
  EXPECT_THAT(hungry.err(),
              HasSubstr("ryumem-worker: out of memory: a limit is reached (--memory-limit"));
  EXPECT_THAT(hungry.err(), HasSubstr("hungry[" + std::to_string(hungry.pid()) + "]: signal 6"));
}

TEST(Oom, LeavesAProcessAloneThatMayHaveWhatItWants) {
  ChildProcess hungry({"/proc/self/exe"}, {"RYUMEM_TEST_HUNGRY=0"});
  EXPECT_EQ(hungry.wait(Seconds(30)), 0) << hungry.err();
}

}  // namespace
}  // namespace ryumem
