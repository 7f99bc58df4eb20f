// The inside of a Stream, for the files that make one: stream.cc, connect.cc, listener.cc.
#pragma once

#include <string>

#include "common/async/loop.h"
#include "common/base/failure.h"
#include "common/net/stream.h"

namespace ryumem {

struct Stream::State {
  union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle{};
  std::string peer;
  Reading* reader = nullptr;
  Writing* writer = nullptr;
  std::string received;
  int error = 0;  // what ended the stream: UV_EOF, UV_ECONNRESET, …; 0 while it lives
  bool closing = false;

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }

  static State* tcp(std::string peer) {
    auto* state = new State;
    state->peer = std::move(peer);
    uv_tcp_init(Loop::current().raw(), &state->handle.tcp);
    state->handle.tcp.data = state;
    return state;
  }

  static State* unix_socket(std::string peer) {
    auto* state = new State;
    state->peer = std::move(peer);
    uv_pipe_init(Loop::current().raw(), &state->handle.pipe, 0);
    state->handle.pipe.data = state;
    return state;
  }

  // Frees the state by and by. The Stream must be gone or must not use it again.
  void drop() {
    auto* raw = reinterpret_cast<uv_handle_t*>(&handle);
    const auto free_state = [](uv_handle_t* closed) { delete static_cast<State*>(closed->data); };
    if (!closing)
      uv_close(raw, free_state);
    else
      orphaned = true;
    closing = true;
  }

  void end(int why) noexcept;
  bool orphaned = false;
  bool closed = false;
};

/// What a libuv error means for whoever uses the stream.
inline Failure stream_failure(const std::string& peer, const std::string& doing, int uv_error) {
  return Failure(Kind::transient, peer + ": " + doing + ": " + uv_strerror(uv_error));
}

}  // namespace ryumem
