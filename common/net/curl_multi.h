// curl's multi handle and its place in the loop: sockets are watched and times kept by libuv.
#pragma once

#include <curl/curl.h>
#include <uv.h>

#include <cstddef>
#include <map>

namespace ryumem {

class CurlMulti {
 public:
  /// Somebody's easy handle, whose CURLOPT_PRIVATE points to this.
  class Transfer {
   public:
    virtual ~Transfer() = default;
    /// Curl is through with it. Called by C code: it stores and wakes, and never throws.
    virtual void finish(CURLcode code) noexcept = 0;
  };

  /// `connections`: so many are kept open when they are idle.
  explicit CurlMulti(std::size_t connections);

  /// Closes the loop's handles and deletes itself when they are closed.
  void close();

  CURLM* handle() const { return curl_; }

 private:
  struct Socket;

  ~CurlMulti() = default;
  static void on_closed(uv_handle_t* handle);
  static int on_timer_change(CURLM*, long ms, void* data) noexcept;
  static int on_socket(CURL*, curl_socket_t fd, int what, void* data, void* known) noexcept;
  static void on_ready(uv_poll_t* poll, int status, int ready) noexcept;
  static void on_nudge(uv_timer_t* timer) noexcept;
  void act(curl_socket_t fd, int flags) noexcept;

  CURLM* const curl_;
  uv_timer_t timer_{};
  uv_timer_t nudge_{};
  std::map<curl_socket_t, Socket*> sockets_;  // those that curl has libuv watch
  uv_idle_t kick_{};
  int open_handles_ = 0;
};

}  // namespace ryumem
