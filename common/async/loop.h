// The event loop of a process: one libuv loop and one ready queue.
//
// A coroutine is resumed by the ready queue and by nothing else. A C callback stores its result,
// posts the coroutine's handle and returns, so no coroutine ever runs inside a callback of libuv,
// curl or a cancellation, where an exception or a re-entrant call would end badly.
#pragma once

#include <uv.h>

#include <coroutine>
#include <deque>

#include "common/async/task.h"

namespace ryumem {

class Loop {
 public:
  /// Becomes the current loop of this thread. Throws Failure(Kind::system).
  Loop();
  /// Closes the loop. Aborts, with the list, if a handle was leaked: that is a bug of ours.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until `main` is done, then lets handles finish closing; rethrows what `main` threw.
  /// Whatever `main` spawned must have been joined by then.
  void run(Task<> main);

  /// Resumes `handle` in a later turn of the loop.
  void post(std::coroutine_handle<> handle) noexcept;

  uv_loop_t* raw() { return &loop_; }

  /// The loop of this thread; there must be one.
  static Loop& current();

 private:
  void run_ready() noexcept;

  uv_loop_t loop_{};
  uv_idle_t ready_signal_{};
  std::deque<std::coroutine_handle<>> ready_;
};

}  // namespace ryumem
