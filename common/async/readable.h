// A file descriptor that has become readable, as an event of the loop.
#pragma once

#include <uv.h>

#include <functional>

namespace ryumem {

/// Calls a function whenever `fd` can be read, or is at its end. The function must not throw, and
/// must read what is there. The descriptor's own flags stay as they are: it may be a terminal that
/// others share.
class ReadableWatch {
 public:
  /// `fd` outlives it and is nothing else's to watch. Throws Failure(Kind::system).
  ReadableWatch(int fd, std::function<void()> function);
  ~ReadableWatch();
  ReadableWatch(const ReadableWatch&) = delete;
  ReadableWatch& operator=(const ReadableWatch&) = delete;

 private:
  struct State {
    uv_poll_t handle;
    std::function<void()> function;
  };
  State* state_;  // freed in libuv's close callback
};

}  // namespace ryumem
