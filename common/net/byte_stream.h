// A two-way stream of bytes, whatever carries it: a socket, or TLS over one.
#pragma once

#include <string>

#include "common/async/cancel.h"
#include "common/async/task.h"

namespace ryumem {

/// One reader and one writer at a time; no coroutine may be reading or writing at its destruction.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// The next bytes, at least one; empty at the end of the stream. Throws Failure(Kind::transient).
  virtual Task<std::string> read(Cancel& cancel) = 0;

  /// Returns when whoever carries it has taken all of it. Throws Failure(Kind::transient). When it
  /// is cancelled, part of the bytes may have gone out: close the stream then.
  virtual Task<> write(std::string bytes, Cancel& cancel) = 0;

  /// Wakes a reader and a writer with a failure; nothing more goes in or out.
  virtual void close() noexcept = 0;
};

}  // namespace ryumem
