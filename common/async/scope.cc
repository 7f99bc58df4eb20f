#include "common/async/scope.h"

#include <cstdio>
#include <cstdlib>

namespace ryumem {

Scope::~Scope() {
  if (running_ == 0) return;
  std::fputs("a scope was destroyed while its coroutines were running\n", stderr);
  std::abort();
}

void Scope::spawn(Task<> task) {
  ++running_;
  drive(this, std::move(task));
}

detail::Detached Scope::drive(Scope* scope, Task<> task) {
  try {
    co_await std::move(task);
  } catch (...) {
    if (!scope->first_error_) scope->first_error_ = std::current_exception();
  }
  --scope->running_;
  scope->finished_.notify();
}

Task<> Scope::join() {
  while (running_ > 0) co_await finished_.wait(never_);
  if (first_error_) std::rethrow_exception(std::exchange(first_error_, nullptr));
}

}  // namespace ryumem
