#include "common/async/wait.h"

#include "common/async/task.h"

namespace ryumem {

void Wait::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  watch(cancel_);
  begin();
}

void Wait::await_resume() const {
  if (!woken_) cancel_.throw_if_requested();
}

void Wait::wake() noexcept {
  if (woken_) return;
  woken_ = true;
  ignore();
  detail::post_to_current_loop(handle_);
}

void Wait::cancelled() noexcept {
  undo();
  detail::post_to_current_loop(handle_);
}

}  // namespace ryumem
