// Byte streams: TCP and Unix sockets, connected or accepted, read and written by coroutines.
#pragma once

#include <uv.h>

#include <cstddef>
#include <string>

#include "common/async/sync.h"
#include "common/async/task.h"

namespace ryumem {

/// One connected socket. Destroying it closes it; no coroutine may be reading or writing then.
/// One reader and one writer at a time.
class Stream {
 public:
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&&) = delete;
  ~Stream();

  /// Resolves the name and connects. Throws Failure(Kind::transient) naming the address and the
  /// reason, or the cancellation's reason. The caller brings the deadline by `cancel`.
  static Task<Stream> connect_tcp(std::string host, int port, Cancel& cancel);
  static Task<Stream> connect_unix(std::string path, Cancel& cancel);

  /// Takes over an open pipe or socket. Throws Failure(Kind::system) if `fd` is neither.
  static Stream adopt(int fd);

  /// The next bytes, at least one; empty at the end of the stream. Throws Failure(Kind::transient).
  Task<std::string> read(Cancel& cancel);

  /// Returns when the kernel has taken all of it. Throws Failure(Kind::transient). When it is
  /// cancelled, part of the bytes may have gone out: close the stream then.
  Task<> write(std::string bytes, Cancel& cancel);

  /// Wakes a reader and a writer with a failure; nothing more goes in or out.
  void close() noexcept;
  /// As close(), but the peer sees a reset instead of an orderly end.
  void reset() noexcept;

 private:
  friend class Listener;
  struct State;
  class Reading;
  class Writing;
  class Connecting;
  explicit Stream(State* state) : state_(state) {}
  State* state_;  // freed in libuv's close callback
};

}  // namespace ryumem
