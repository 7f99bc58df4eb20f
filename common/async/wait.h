// The one suspended wait that the other primitives are made of: a coroutine that is woken once,
// either by what it waits for or by its Cancel.
#pragma once

#include <coroutine>

#include "common/async/cancel.h"

namespace ryumem {

/// Awaiting it suspends until wake() or the cancellation. It lives in the awaiting coroutine's
/// frame; derived classes say what to begin and what to undo.
class Wait : public Cancel::Waiter {
 public:
  explicit Wait(Cancel& cancel) : cancel_(cancel) {}

  /// Ready at once when cancelled already, so that nothing begins.
  bool await_ready() const { return cancel_.requested(); }
  void await_suspend(std::coroutine_handle<> handle);
  /// Throws the reason of the cancellation if that is what woke us.
  void await_resume() const;

  /// Resumes the coroutine from the ready queue. The second call does nothing.
  void wake() noexcept;

 protected:
  /// Start what is waited for. It may call wake() before it returns.
  virtual void begin() = 0;
  /// The wait was cancelled: make sure that wake() will not be called any more.
  virtual void undo() noexcept = 0;

 private:
  void cancelled() noexcept final;

  Cancel& cancel_;
  std::coroutine_handle<> handle_;
  bool woken_ = false;
};

}  // namespace ryumem
