// Operating system signals as events of the loop.
#pragma once

#include <uv.h>

#include <functional>

namespace ryumem {

/// Calls a function whenever the process gets the signal. The function must not throw.
class SignalWatch {
 public:
  /// Throws Failure(Kind::system).
  SignalWatch(int signal, std::function<void()> function);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  struct State {
    uv_signal_t handle;
    std::function<void()> function;
  };
  State* state_;  // freed in libuv's close callback
};

}  // namespace ryumem
