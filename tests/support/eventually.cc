#include "tests/support/eventually.h"

#include <string>
#include <thread>

#include "common/async/timer.h"

namespace ryumem::test {

constexpr Millis kBetweenLooks(2);

bool wait_until(Millis limit, const std::function<bool()>& predicate) {
  const auto end = Monotonic::now() + limit;
  while (!predicate()) {
    if (Monotonic::now() >= end) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

Task<> eventually(const char* what, Millis limit, std::function<bool()> predicate) {
  Cancel never;
  const auto end = Monotonic::now() + limit;
  while (!predicate()) {
    if (Monotonic::now() >= end)
      throw Failure(Kind::internal, std::string("in vain waited for: ") + what);
    co_await Sleep(kBetweenLooks, never);
  }
}

}  // namespace ryumem::test
