// Byte streams: TCP and Unix sockets, connected or accepted, read and written by coroutines.
#pragma once

#include <uv.h>

#include <cstddef>
#include <string>

#include "common/async/sync.h"
#include "common/async/task.h"
#include "common/net/byte_stream.h"

namespace ryumem {

/// One connected socket. Destroying it closes it.
class Stream final : public ByteStream {
 public:
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&&) = delete;
  ~Stream() override;

  /// Resolves the name and connects. Throws Failure(Kind::transient) naming the address and the
  /// reason, or the cancellation's reason. The caller brings the deadline by `cancel`.
  static Task<Stream> connect_tcp(std::string host, int port, Cancel& cancel);
  static Task<Stream> connect_unix(std::string path, Cancel& cancel);

  /// Takes over an open pipe or socket. Throws Failure(Kind::system) if `fd` is neither.
  static Stream adopt(int fd);

  Task<std::string> read(Cancel& cancel) override;
  Task<> write(std::string bytes, Cancel& cancel) override;
  void close() noexcept override;
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
