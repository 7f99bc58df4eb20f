#include "common/net/stream.h"

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "common/async/loop.h"
#include "common/base/failure.h"

namespace ryumem {
namespace {

Failure broken(const std::string& peer, const std::string& doing, int uv_error) {
  return Failure(Kind::transient, peer + ": " + doing + ": " + uv_strerror(uv_error));
}

// getaddrinfo as a wait. The request outlives a cancelled wait: libuv frees it in its callback.
class Resolving final : public Wait {
 public:
  Resolving(std::string host, Cancel& cancel) : Wait(cancel), host_(std::move(host)) {}

  std::vector<sockaddr_storage> await_resume() {
    Wait::await_resume();
    if (status_ != 0)
      throw Failure(Kind::transient,
                    "cannot resolve host \"" + host_ + "\": " + uv_strerror(status_));
    return addresses_;
  }

 private:
  struct Request {
    uv_getaddrinfo_t raw;
    Resolving* owner;
  };

  void begin() override {
    request_ = new Request{{}, this};
    request_->raw.data = request_;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    const int error = uv_getaddrinfo(
        Loop::current().raw(), &request_->raw,
        [](uv_getaddrinfo_t* raw, int status, addrinfo* found) {
          auto* request = static_cast<Request*>(raw->data);
          if (request->owner != nullptr) request->owner->finish(status, found);
          uv_freeaddrinfo(found);
          delete request;
        },
        host_.c_str(), nullptr, &hints);
    if (error == 0) return;
    delete request_;
    finish(error, nullptr);
  }

  void undo() noexcept override {
    uv_cancel(reinterpret_cast<uv_req_t*>(&request_->raw));
    request_->owner = nullptr;
  }

  void finish(int status, const addrinfo* found) {
    status_ = status;
    for (const addrinfo* at = found; status == 0 && at != nullptr; at = at->ai_next)
      std::memcpy(&addresses_.emplace_back(), at->ai_addr, at->ai_addrlen);
    wake();
  }

  std::string host_;
  Request* request_ = nullptr;
  int status_ = 0;
  std::vector<sockaddr_storage> addresses_;
};

void set_port(sockaddr_storage& address, int port) {
  const auto number = htons(static_cast<std::uint16_t>(port));
  if (address.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6*>(&address)->sin6_port = number;
  else
    reinterpret_cast<sockaddr_in*>(&address)->sin_port = number;
}

}  // namespace

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

class Stream::Reading final : public Wait {
 public:
  Reading(State* state, Cancel& cancel) : Wait(cancel), state_(state) {}

  bool await_ready() const {
    return Wait::await_ready() || !state_->received.empty() || state_->error != 0;
  }

  std::string await_resume() {
    state_->reader = nullptr;
    Wait::await_resume();
    if (!state_->received.empty()) return std::exchange(state_->received, {});
    if (state_->error == UV_EOF) return {};
    throw broken(state_->peer, "reading", state_->error);
  }

 private:
  void begin() override {
    state_->reader = this;
    const int error = uv_read_start(
        state_->stream(),
        [](uv_handle_t*, std::size_t, uv_buf_t* buffer) {
          // One buffer for the thread: what was read is copied out before the next read begins.
          static thread_local std::vector<char> bytes(256 * 1024);
          *buffer = uv_buf_init(bytes.data(), static_cast<unsigned>(bytes.size()));
        },
        [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
          auto* state = static_cast<State*>(stream->data);
          if (count == 0) return;  // libuv's EAGAIN
          if (count > 0) state->received.append(buffer->base, static_cast<std::size_t>(count));
          // Stopped until the coroutine asks again: that is the back-pressure.
          uv_read_stop(stream);
          if (count < 0) state->error = static_cast<int>(count);
          if (state->reader != nullptr) state->reader->wake();
        });
    if (error != 0) {
      state_->error = error;
      wake();
    }
  }

  void undo() noexcept override {
    if (!state_->closing) uv_read_stop(state_->stream());
    state_->reader = nullptr;
  }

  State* state_;
};

class Stream::Writing final : public Wait {
 public:
  Writing(State* state, std::string bytes, Cancel& cancel)
      : Wait(cancel), state_(state), bytes_(std::move(bytes)) {}

  void await_resume() {
    state_->writer = nullptr;
    Wait::await_resume();
    if (status_ != 0) throw broken(state_->peer, "writing", status_);
  }

 private:
  // Outlives a cancelled wait, since the kernel may still be taking the bytes.
  struct Request {
    uv_write_t raw;
    std::string bytes;
    Writing* owner;
  };

  void begin() override {
    if (state_->error != 0 && state_->error != UV_EOF) {
      status_ = state_->error;
      wake();
      return;
    }
    state_->writer = this;
    request_ = new Request{{}, std::move(bytes_), this};
    request_->raw.data = request_;
    const uv_buf_t buffer =
        uv_buf_init(request_->bytes.data(), static_cast<unsigned>(request_->bytes.size()));
    const int error =
        uv_write(&request_->raw, state_->stream(), &buffer, 1, [](uv_write_t* raw, int status) {
          auto* request = static_cast<Request*>(raw->data);
          if (request->owner != nullptr) {
            request->owner->status_ = status;
            request->owner->wake();
          }
          delete request;
        });
    if (error == 0) return;
    delete request_;
    status_ = error;
    wake();
  }

  void undo() noexcept override {
    request_->owner = nullptr;
    state_->writer = nullptr;
  }

  State* state_;
  std::string bytes_;
  Request* request_ = nullptr;
  int status_ = 0;
};

class Stream::Connecting final : public Wait {
 public:
  Connecting(State* state, const sockaddr_storage* address, std::string path, Cancel& cancel)
      : Wait(cancel), state_(state), address_(address), path_(std::move(path)) {}

  void await_resume() {
    Wait::await_resume();
    if (status_ != 0) throw broken(state_->peer, "connecting", status_);
  }

 private:
  struct Request {
    uv_connect_t raw;
    Connecting* owner;
  };

  void begin() override {
    request_ = new Request{{}, this};
    request_->raw.data = request_;
    const auto done = [](uv_connect_t* raw, int status) {
      auto* request = static_cast<Request*>(raw->data);
      if (request->owner != nullptr) {
        request->owner->status_ = status;
        request->owner->wake();
      }
      delete request;
    };
    if (address_ == nullptr) {
      uv_pipe_connect(&request_->raw, &state_->handle.pipe, path_.c_str(), done);
      return;
    }
    const int error = uv_tcp_connect(&request_->raw, &state_->handle.tcp,
                                     reinterpret_cast<const sockaddr*>(address_), done);
    if (error == 0) return;
    delete request_;
    status_ = error;
    wake();
  }

  void undo() noexcept override { request_->owner = nullptr; }

  State* state_;
  const sockaddr_storage* address_;
  std::string path_;
  Request* request_ = nullptr;
  int status_ = 0;
};

void Stream::State::end(int why) noexcept {
  if (error == 0) error = why;
  if (reader != nullptr) reader->wake();
}

Stream::Stream(Stream&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Stream::~Stream() {
  if (state_ == nullptr) return;
  if (state_->closed)
    delete state_;
  else
    state_->drop();
}

Task<Stream> Stream::connect_tcp(std::string host, int port, Cancel& cancel) {
  const std::string peer = host + ":" + std::to_string(port);
  std::vector<sockaddr_storage> addresses = co_await Resolving(host, cancel);
  // A name like localhost may stand for ::1 and 127.0.0.1 while only one of them listens.
  std::optional<Failure> first_failure;
  for (sockaddr_storage& address : addresses) {
    set_port(address, port);
    Stream stream(State::tcp(peer));
    try {
      co_await Connecting(stream.state_, &address, std::string(), cancel);
      uv_tcp_nodelay(&stream.state_->handle.tcp, 1);
      co_return stream;
    } catch (const Failure& failure) {
      cancel.throw_if_requested();
      if (!first_failure) first_failure = failure;
    }
  }
  if (!first_failure) first_failure = Failure(Kind::transient, peer + ": no address");
  throw *first_failure;
}

Task<Stream> Stream::connect_unix(std::string path, Cancel& cancel) {
  Stream stream(State::unix_socket(path));
  co_await Connecting(stream.state_, nullptr, path, cancel);
  co_return stream;
}

Stream Stream::adopt(int fd) {
  Stream stream(State::unix_socket("descriptor " + std::to_string(fd)));
  const int error = uv_pipe_open(&stream.state_->handle.pipe, fd);
  if (error != 0)
    throw Failure(Kind::system,
                  "cannot use descriptor " + std::to_string(fd) + ": " + uv_strerror(error));
  return stream;
}

Task<std::string> Stream::read(Cancel& cancel) {
  std::string bytes = co_await Reading(state_, cancel);
  co_return bytes;
}

Task<> Stream::write(std::string bytes, Cancel& cancel) {
  co_await Writing(state_, std::move(bytes), cancel);
}

namespace {

// After close() the Stream object still exists; whoever comes second frees the state.
template <class State>
void after_close(uv_handle_t* handle) {
  auto* state = static_cast<State*>(handle->data);
  if (state->orphaned)
    delete state;
  else
    state->closed = true;
}

}  // namespace

void Stream::close() noexcept {
  if (state_ == nullptr || state_->closing) return;
  state_->closing = true;
  state_->end(UV_ECANCELED);
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle), after_close<State>);
}

void Stream::reset() noexcept {
  if (state_ == nullptr || state_->closing) return;
  // A Unix socket knows no reset.
  if (state_->stream()->type != UV_TCP) return close();
  state_->closing = true;
  state_->end(UV_ECONNABORTED);
  if (uv_tcp_close_reset(&state_->handle.tcp, after_close<State>) != 0)
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle), after_close<State>);
}

struct Listener::State {
  uv_tcp_t handle{};
  std::function<void(Stream)> accepted;
};

Listener::Listener(const std::string& address, int port, std::function<void(Stream)> accepted)
    : state_(new State) {
  state_->accepted = std::move(accepted);
  uv_tcp_init(Loop::current().raw(), &state_->handle);
  state_->handle.data = state_;
  sockaddr_storage where{};
  int error = uv_ip4_addr(address.c_str(), port, reinterpret_cast<sockaddr_in*>(&where));
  if (error != 0)
    error = uv_ip6_addr(address.c_str(), port, reinterpret_cast<sockaddr_in6*>(&where));
  if (error == 0)
    error = uv_tcp_bind(&state_->handle, reinterpret_cast<const sockaddr*>(&where), 0);
  if (error == 0)
    error = uv_listen(reinterpret_cast<uv_stream_t*>(&state_->handle), 512,
                      [](uv_stream_t* server, int status) {
                        auto* state = static_cast<State*>(server->data);
                        if (status != 0) return;
                        Stream stream(Stream::State::tcp("client"));
                        if (uv_accept(server, stream.state_->stream()) != 0) return;
                        uv_tcp_nodelay(&stream.state_->handle.tcp, 1);
                        state->accepted(std::move(stream));
                      });
  if (error != 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    throw Failure(Kind::configuration, "cannot listen on " + address + ":" + std::to_string(port) +
                                           ": " + uv_strerror(error) +
                                           "; choose another address with --listen");
  }
  int length = sizeof(where);
  uv_tcp_getsockname(&state_->handle, reinterpret_cast<sockaddr*>(&where), &length);
  port_ = ntohs(where.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&where)->sin6_port
                                            : reinterpret_cast<sockaddr_in*>(&where)->sin_port);
}

Listener::~Listener() {
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle),
           [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

}  // namespace ryumem
