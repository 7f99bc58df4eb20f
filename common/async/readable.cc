#include "common/async/readable.h"

#include <fcntl.h>

#include <string>

#include "common/async/loop.h"
#include "common/base/failure.h"

namespace ryumem {
namespace {

Failure cannot_watch(int error) {
  return Failure(Kind::system, std::string("cannot watch a descriptor: ") + uv_strerror(error));
}

}  // namespace

ReadableWatch::ReadableWatch(int fd, std::function<void()> function)
    : state_(new State{{}, std::move(function)}) {
  // libuv makes what it watches non-blocking; a terminal would then be so for the shell, too.
  const int flags = fcntl(fd, F_GETFL);
  const int made = uv_poll_init(Loop::current().raw(), &state_->handle, fd);
  if (flags >= 0) fcntl(fd, F_SETFL, flags);
  if (made != 0) {  // then there is no handle to close
    delete state_;
    throw cannot_watch(made);
  }
  state_->handle.data = state_;
  const auto ready = [](uv_poll_t* handle, int, int) {
    static_cast<State*>(handle->data)->function();
  };
  const int error = uv_poll_start(&state_->handle, UV_READABLE | UV_DISCONNECT, ready);
  if (error == 0) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
  throw cannot_watch(error);
}

ReadableWatch::~ReadableWatch() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

}  // namespace ryumem
