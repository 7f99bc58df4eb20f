#include "common/net/stream.h"

#include <utility>
#include <vector>

#include "common/net/stream_state.h"

namespace ryumem {

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
    throw stream_failure(state_->peer, "reading", state_->error);
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
    if (status_ != 0) throw stream_failure(state_->peer, "writing", status_);
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

}  // namespace ryumem
