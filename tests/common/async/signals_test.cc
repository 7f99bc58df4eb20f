#include "common/async/signals.h"

#include <gtest/gtest.h>

#include <csignal>

#include "common/async/sync.h"
#include "common/base/failure.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::run_on_loop;

TEST(SignalWatch, CallsForEachSignal) {
  run_on_loop([]() -> Task<> {
    Cancel never;
    Notice got;
    int hups = 0;
    int usrs = 0;
    const SignalWatch hup(SIGHUP, [&] {
      ++hups;
      got.notify();
    });
    const SignalWatch usr(SIGUSR1, [&] {
      ++usrs;
      got.notify();
    });
    std::raise(SIGHUP);
    while (hups < 1) co_await got.wait(never);
    std::raise(SIGUSR1);
    while (usrs < 1) co_await got.wait(never);
    std::raise(SIGHUP);
    while (hups < 2) co_await got.wait(never);
    EXPECT_EQ(usrs, 1);
  }());
}

TEST(SignalWatch, TwoMayWatchTheSameSignal) {
  run_on_loop([]() -> Task<> {
    int calls = 0;
    const SignalWatch first(SIGUSR2, [&calls] { ++calls; });
    const SignalWatch second(SIGUSR2, [&calls] { ++calls; });
    std::raise(SIGUSR2);
    const std::function<bool()> both = [&calls] { return calls == 2; };
    co_await test::eventually("both calls", Seconds(5), both);
  }());
}

TEST(SignalWatch, RefusesASignalThatCannotBeCaught) {
  run_on_loop([]() -> Task<> {
    EXPECT_THROW(SignalWatch(SIGKILL, [] {}), Failure);
    co_return;
  }());
}

}  // namespace
}  // namespace ryumem
