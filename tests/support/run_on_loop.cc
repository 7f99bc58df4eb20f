#include "tests/support/run_on_loop.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "common/async/timer.h"

namespace ryumem::test {
namespace {

Task<> within(Task<> body, Millis limit) {
  Timer timer;
  timer.once(limit, [limit] {
    std::fprintf(stderr, "FAILED: the test's coroutine was not done after %lld ms\n",
                 static_cast<long long>(limit.count()));
    std::_Exit(1);
  });
  co_await std::move(body);
}

}  // namespace

void run_on_loop(Task<> body, Millis limit) {
  Loop loop;
  loop.run(within(std::move(body), limit));
}

}  // namespace ryumem::test
