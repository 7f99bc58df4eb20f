#include "common/base/last_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::ChildProcess;
using test::wait_until;
using testing::HasSubstr;

// This test program in the role of one that ends as it is told.
[[noreturn]] void end(const std::string& how) {
  leave_last_words("doomed");
  if (how == "abort") std::abort();
  std::puts("here");
  std::fflush(stdout);
  for (;;) pause();
}
[[maybe_unused]] const bool kRole = [] {
  if (const char* how = std::getenv("RYUMEM_TEST_LAST_WORDS")) end(how);
  return true;
}();

std::vector<std::string> told(const std::string& how) { return {"RYUMEM_TEST_LAST_WORDS=" + how}; }

TEST(LastWords, AreTheSignalAndTheStackAndThenItIsKilledByIt) {
  ChildProcess doomed({"/proc/self/exe"}, told("abort"));
  EXPECT_EQ(doomed.wait(Seconds(20)), 128 + SIGABRT);
  EXPECT_THAT(doomed.err(), testing::StartsWith("doomed[" + std::to_string(doomed.pid()) +
                                                "]: signal 6, the stack:\n"));
  // Relative to where it was put, if it was put anywhere.
  EXPECT_THAT(doomed.err(), testing::AnyOf(HasSubstr("exe(+0x"), HasSubstr("exe[0x")));
  EXPECT_THAT(doomed.err(), HasSubstr("abort"));
}

TEST(LastWords, AreSaidAlsoByOneThatIsToldFromOutside) {
  ChildProcess doomed({"/proc/self/exe"}, told("wait"));
  ASSERT_TRUE(wait_until(Seconds(20), [&] { return doomed.out() == "here\n"; }));
  doomed.signal(SIGABRT);
  EXPECT_EQ(doomed.wait(Seconds(20)), 128 + SIGABRT);
  EXPECT_THAT(doomed.err(), HasSubstr("signal 6, the stack:\n"));
}

}  // namespace
}  // namespace ryumem
