// Every callback here is called by C code: it stores and wakes, it never resumes and never throws.
#include "common/net/curl_multi.h"

#include "common/async/loop.h"

#include <cstdint>
#include <vector>

namespace ryumem {
namespace {

// Curl 7.88 (Debian 12) loses its own wake-up now and then when many answers come over one HTTP/2
// connection: all of them are in its buffers, nothing more will come from the socket, and nobody
// reads on until the transfers time out. Told that there is something to read, it goes on; where
// there is nothing, that costs a recv().
constexpr std::uint64_t kNudgeMs = 200;

}  // namespace

struct CurlMulti::Socket {
  uv_poll_t poll;
  curl_socket_t fd;
  CurlMulti* multi;
  int events;
};

CurlMulti::CurlMulti(std::size_t connections) : curl_(curl_multi_init()) {
  uv_loop_t* loop = Loop::current().raw();
  uv_timer_init(loop, &timer_);
  uv_timer_init(loop, &nudge_);
  uv_idle_init(loop, &kick_);
  timer_.data = this;
  nudge_.data = this;
  kick_.data = this;
  curl_multi_setopt(curl_, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(curl_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(curl_, CURLMOPT_TIMERFUNCTION, on_timer_change);
  curl_multi_setopt(curl_, CURLMOPT_TIMERDATA, this);
  // Where a server speaks HTTP/2, many requests share one connection.
  curl_multi_setopt(curl_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(curl_, CURLMOPT_MAX_CONCURRENT_STREAMS, static_cast<long>(connections));
  // The default keeps too few connections after a burst, and the next burst connects anew.
  curl_multi_setopt(curl_, CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
}

void CurlMulti::close() {
  curl_multi_cleanup(curl_);
  open_handles_ = 3;
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&nudge_), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&kick_), on_closed);
}

void CurlMulti::on_closed(uv_handle_t* handle) {
  auto* self = static_cast<CurlMulti*>(handle->data);
  if (--self->open_handles_ == 0) delete self;
}

int CurlMulti::on_timer_change(CURLM*, long ms, void* data) noexcept {
  auto* self = static_cast<CurlMulti*>(data);
  uv_idle_stop(&self->kick_);
  uv_timer_stop(&self->timer_);
  // An idle handle instead of a timer of 0 ms: libuv would fire that again and again before it
  // polls, and starve the sockets.
  if (ms == 0) {
    uv_idle_start(&self->kick_, [](uv_idle_t* idle) {
      uv_idle_stop(idle);
      static_cast<CurlMulti*>(idle->data)->act(CURL_SOCKET_TIMEOUT, 0);
    });
  } else if (ms > 0) {
    uv_update_time(self->timer_.loop);
    uv_timer_start(
        &self->timer_,
        [](uv_timer_t* timer) {
          static_cast<CurlMulti*>(timer->data)->act(CURL_SOCKET_TIMEOUT, 0);
        },
        static_cast<std::uint64_t>(ms), 0);
  }
  return 0;
}

int CurlMulti::on_socket(CURL*, curl_socket_t fd, int what, void* data, void* known) noexcept {
  auto* self = static_cast<CurlMulti*>(data);
  auto* socket = static_cast<Socket*>(known);
  if (what == CURL_POLL_REMOVE) {
    if (socket == nullptr) return 0;
    curl_multi_assign(self->curl_, fd, nullptr);
    self->sockets_.erase(fd);
    if (self->sockets_.empty()) uv_timer_stop(&self->nudge_);
    uv_poll_stop(&socket->poll);
    uv_close(reinterpret_cast<uv_handle_t*>(&socket->poll),
             [](uv_handle_t* handle) { delete static_cast<Socket*>(handle->data); });
    return 0;
  }
  if (socket == nullptr) {
    socket = new Socket{{}, fd, self, 0};
    uv_poll_init_socket(self->timer_.loop, &socket->poll, fd);
    socket->poll.data = socket;
    curl_multi_assign(self->curl_, fd, socket);
    if (self->sockets_.empty()) uv_timer_start(&self->nudge_, on_nudge, kNudgeMs, kNudgeMs);
    self->sockets_[fd] = socket;
  }
  socket->events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
                   ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
  uv_poll_start(&socket->poll, socket->events, on_ready);
  return 0;
}

void CurlMulti::on_ready(uv_poll_t* poll, int status, int ready) noexcept {
  auto* at = static_cast<Socket*>(poll->data);
  int flags = (ready & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
  if ((ready & UV_WRITABLE) != 0) flags |= CURL_CSELECT_OUT;
  if (status < 0) {
    // An error is pending on the socket, and libuv has stopped the handle. Curl is to find out
    // by reading: there may be an answer before the error, and a kept connection that the peer
    // has closed is replaced by a new one; told of an error outright, it gives up.
    uv_poll_start(poll, at->events, on_ready);
    flags = CURL_CSELECT_IN | CURL_CSELECT_OUT;
  }
  at->multi->act(at->fd, flags);
}

void CurlMulti::on_nudge(uv_timer_t* timer) noexcept {
  auto* self = static_cast<CurlMulti*>(timer->data);
  std::vector<curl_socket_t> waiting;
  for (const auto& [fd, socket] : self->sockets_)
    if ((socket->events & UV_READABLE) != 0) waiting.push_back(fd);
  for (const curl_socket_t fd : waiting)
    if (self->sockets_.count(fd) != 0) self->act(fd, CURL_CSELECT_IN);
}

void CurlMulti::act(curl_socket_t fd, int flags) noexcept {
  int running = 0;
  curl_multi_socket_action(curl_, fd, flags, &running);
  // Always drained, after time-outs too.
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(curl_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // the message dies with the handle's removal
    void* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    static_cast<Transfer*>(transfer)->finish(code);
  }
}

}  // namespace ryumem
