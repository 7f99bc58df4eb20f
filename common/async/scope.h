// A scope runs coroutines side by side and waits for all of them: nothing it spawned outlives it.
#pragma once

#include <cstddef>
#include <exception>

#include "common/async/sync.h"
#include "common/async/task.h"

namespace ryumem {

class Scope {
 public:
  Scope() = default;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  /// Everything must have been joined: a coroutine that outlives its scope would use freed memory.
  ~Scope();

  /// Starts `task` in a later turn of the loop. A spawned coroutine takes its arguments by value,
  /// or by reference to what outlives this scope.
  void spawn(Task<> task);

  /// Waits for all that was spawned, also while it waits, then throws the first failure among them.
  /// One that fails does not stop the others.
  Task<> join();

  std::size_t running() const { return running_; }

 private:
  static detail::Detached drive(Scope* scope, Task<> task);
  std::size_t running_ = 0;
  std::exception_ptr first_error_;
  Cancel never_;
  Notice finished_;
};

}  // namespace ryumem
