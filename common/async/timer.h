// Timers: a callback after a while, and a coroutine that sleeps. Durations count from the call.
#pragma once

#include <uv.h>

#include <functional>

#include "common/async/wait.h"
#include "common/base/clock.h"

namespace ryumem {

/// Calls a function once, or again and again, on the current loop. The function must not throw and
/// may destroy the timer. Destroying the timer stops it.
class Timer {
 public:
  Timer();
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Replaces what was started before.
  void once(Millis delay, std::function<void()> function);
  void every(Millis period, std::function<void()> function);
  void stop() noexcept;

 private:
  struct State {
    uv_timer_t handle;
    std::function<void()> function;
  };
  void start(Millis delay, Millis repeat, std::function<void()> function);
  State* state_;  // freed in libuv's close callback
};

/// co_await Sleep(100ms, cancel);
class Sleep final : public Wait {
 public:
  Sleep(Millis duration, Cancel& cancel) : Wait(cancel), duration_(duration) {}

 private:
  void begin() override;
  void undo() noexcept override;

  Millis duration_;
  Timer timer_;
};

/// Cancels a piece of work after a while; destroying it calls that off.
class Deadline {
 public:
  Deadline(Cancel& cancel, Millis limit, Failure why);

 private:
  Timer timer_;
};

}  // namespace ryumem
