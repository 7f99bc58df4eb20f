#include "common/async/signals.h"

#include <string>

#include "common/async/loop.h"
#include "common/base/failure.h"

namespace ryumem {

SignalWatch::SignalWatch(int signal, std::function<void()> function)
    : state_(new State{{}, std::move(function)}) {
  uv_signal_init(Loop::current().raw(), &state_->handle);
  state_->handle.data = state_;
  const int error = uv_signal_start(
      &state_->handle,
      [](uv_signal_t* handle, int) { static_cast<State*>(handle->data)->function(); }, signal);
  if (error != 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    throw Failure(Kind::system,
                  "cannot watch signal " + std::to_string(signal) + ": " + uv_strerror(error));
  }
}

SignalWatch::~SignalWatch() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

}  // namespace ryumem
