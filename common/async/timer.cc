#include "common/async/timer.h"

#include <algorithm>

#include "common/async/loop.h"

namespace ryumem {

Timer::Timer() : state_(new State{}) {
  uv_timer_init(Loop::current().raw(), &state_->handle);
  state_->handle.data = state_;
}

Timer::~Timer() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

void Timer::once(Millis delay, std::function<void()> function) {
  start(delay, Millis(0), std::move(function));
}

void Timer::every(Millis period, std::function<void()> function) {
  start(period, period, std::move(function));
}

void Timer::start(Millis delay, Millis repeat, std::function<void()> function) {
  state_->function = std::move(function);
  // What is due in the past is due now; libuv would take a negative delay for "never".
  delay = std::max(delay, Millis(0));
  uv_update_time(state_->handle.loop);  // libuv counts from its cached time, which may be old
  uv_timer_start(
      &state_->handle,
      [](uv_timer_t* handle) {
        // A copy: the function may start the timer anew, which replaces the one that runs.
        const std::function<void()> due = static_cast<State*>(handle->data)->function;
        due();
      },
      static_cast<std::uint64_t>(delay.count()), static_cast<std::uint64_t>(repeat.count()));
}

void Timer::stop() noexcept { uv_timer_stop(&state_->handle); }

void Sleep::begin() {
  timer_.once(duration_, [this] { wake(); });
}

void Sleep::undo() noexcept { timer_.stop(); }

Deadline::Deadline(Cancel& cancel, Millis limit, Failure why) {
  timer_.once(limit, [&cancel, why] { cancel.request(why); });
}

}  // namespace ryumem
