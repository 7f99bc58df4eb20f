#include "common/net/http_client.h"

#include <curl/curl.h>
#include <uv.h>

#include <charconv>

#include "common/async/loop.h"
#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// curl's upload buffer, which it allocates for each body above 64 kB; its default is 64 kB.
constexpr long kUploadBuffer = 16 * 1024;

Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Kind::outage;  // an operator has to mend it; no job is to blame
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Kind::unreachable;
    case CURLE_WRITE_ERROR:  // our own limit
      return Kind::bad_answer;
    default:
      return Kind::transient;
  }
}

// "http://host:port", for messages: neither path nor credentials.
std::string origin(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return excerpt(url, 80);
  const std::string authority =
      url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3);
  return url.substr(0, scheme + 3) + excerpt(authority.substr(authority.rfind('@') + 1), 80);
}

}  // namespace

std::string HttpReply::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

std::optional<Millis> HttpReply::retry_after() const {
  const std::string text = header("retry-after");
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty()) return std::nullopt;
  if (error != std::errc() || end != text.data() + text.size()) {
    const time_t until = curl_getdate(text.c_str(), nullptr);
    const time_t now = curl_getdate(header("date").c_str(), nullptr);
    if (until < 0 || now < 0) return std::nullopt;
    seconds = until > now ? static_cast<double>(until - now) : 0;
  }
  if (!(seconds >= 0) || seconds > 86400) return std::nullopt;
  return Millis(static_cast<std::int64_t>(seconds * 1000));
}

// curl's multi handle and its place in the loop. Every callback here is called by C code: it stores
// and wakes, it never resumes and never throws.
class HttpClient::Multi {
 public:
  explicit Multi(std::size_t connections) : curl(curl_multi_init()) {
    uv_loop_t* loop = Loop::current().raw();
    uv_timer_init(loop, &timer_);
    uv_idle_init(loop, &kick_);
    timer_.data = this;
    kick_.data = this;
    curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, on_timer_change);
    curl_multi_setopt(curl, CURLMOPT_TIMERDATA, this);
    // The default keeps too few connections after a burst, and the next burst connects anew.
    curl_multi_setopt(curl, CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
  }

  // Closes the loop's handles and deletes itself when they are closed.
  void close() {
    curl_multi_cleanup(curl);
    open_handles_ = 2;
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), on_closed);
    uv_close(reinterpret_cast<uv_handle_t*>(&kick_), on_closed);
  }

  CURLM* const curl;

 private:
  struct Socket {
    uv_poll_t poll;
    curl_socket_t fd;
    Multi* multi;
    int events;
  };

  static void on_closed(uv_handle_t* handle) {
    auto* self = static_cast<Multi*>(handle->data);
    if (--self->open_handles_ == 0) delete self;
  }

  static int on_timer_change(CURLM*, long ms, void* data) noexcept {
    auto* self = static_cast<Multi*>(data);
    uv_idle_stop(&self->kick_);
    uv_timer_stop(&self->timer_);
    // An idle handle instead of a timer of 0 ms: libuv would fire that again and again before it
    // polls, and starve the sockets.
    if (ms == 0) {
      uv_idle_start(&self->kick_, [](uv_idle_t* idle) {
        uv_idle_stop(idle);
        static_cast<Multi*>(idle->data)->act(CURL_SOCKET_TIMEOUT, 0);
      });
    } else if (ms > 0) {
      uv_update_time(self->timer_.loop);
      uv_timer_start(
          &self->timer_,
          [](uv_timer_t* timer) { static_cast<Multi*>(timer->data)->act(CURL_SOCKET_TIMEOUT, 0); },
          static_cast<std::uint64_t>(ms), 0);
    }
    return 0;
  }

  static int on_socket(CURL*, curl_socket_t fd, int what, void* data, void* known) noexcept {
    auto* self = static_cast<Multi*>(data);
    auto* socket = static_cast<Socket*>(known);
    if (what == CURL_POLL_REMOVE) {
      if (socket == nullptr) return 0;
      curl_multi_assign(self->curl, fd, nullptr);
      uv_poll_stop(&socket->poll);
      uv_close(reinterpret_cast<uv_handle_t*>(&socket->poll),
               [](uv_handle_t* handle) { delete static_cast<Socket*>(handle->data); });
      return 0;
    }
    if (socket == nullptr) {
      socket = new Socket{{}, fd, self, 0};
      uv_poll_init_socket(self->timer_.loop, &socket->poll, fd);
      socket->poll.data = socket;
      curl_multi_assign(self->curl, fd, socket);
    }
    socket->events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
                     ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
    uv_poll_start(&socket->poll, socket->events, on_ready);
    return 0;
  }

  static void on_ready(uv_poll_t* poll, int status, int ready) noexcept {
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

  void act(curl_socket_t fd, int flags) noexcept;

  uv_timer_t timer_{};
  uv_idle_t kick_{};
  int open_handles_ = 0;
};

// One request on the wire; it lives in the frame of send().
class HttpClient::Transfer final : public Wait {
 public:
  Transfer(Multi& multi, const HttpRequest& request, Cancel& cancel)
      : Wait(cancel), multi_(multi), request_(request) {}
  ~Transfer() override {
    if (easy_ != nullptr) curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }

  HttpReply await_resume() {
    Wait::await_resume();
    if (code_ == CURLE_OK) return std::move(reply_);
    std::string reason = *error_ != '\0' ? error_ : curl_easy_strerror(code_);
    if (code_ == CURLE_WRITE_ERROR)
      reason = "the answer is larger than " + std::to_string(request_.reply_limit) + " bytes";
    // Curl's word for an unknown scheme, and for what is no HTTP at the other end.
    const bool no_http = code_ == CURLE_UNSUPPORTED_PROTOCOL && answered_;
    throw Failure(no_http ? Kind::transient : kind_of(code_), origin(request_.url) + ": " + reason);
  }

  // Called by Multi when curl is through with it.
  void finish(CURLcode code) noexcept {
    code_ = code;
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    reply_.status = static_cast<int>(status);
    curl_off_t first_byte = 0;
    curl_easy_getinfo(easy_, CURLINFO_STARTTRANSFER_TIME_T, &first_byte);
    answered_ = first_byte > 0;
    curl_multi_remove_handle(multi_.curl, easy_);
    wake();
  }

 private:
  void begin() override {
    easy_ = curl_easy_init();
    if (easy_ == nullptr) throw std::bad_alloc();
    for (const std::string& header : request_.headers)
      headers_ = curl_slist_append(headers_, header.c_str());
    headers_ = curl_slist_append(headers_, "Expect:");  // no round trip before a large body
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    if (request_.method != "GET") {
      // By a callback that cannot go back to the start: curl would else send a request again by
      // itself when a kept connection turns out to be dead, and nobody knew how often.
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_READFUNCTION, on_upload);
      set(CURLOPT_READDATA, static_cast<void*>(this));
    }
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_NOSIGNAL, 1L);
    // Without it, giving up during a name lookup blocks the loop until the lookup's thread is done.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
    set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    // With Debian's default directory of certificates curl reads all of them for each connection,
    // 21 ms each; with the bundle alone it keeps them in memory.
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    curl_multi_add_handle(multi_.curl, easy_);
  }

  void undo() noexcept override { curl_multi_remove_handle(multi_.curl, easy_); }

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }

  static std::size_t on_upload(char* room, std::size_t, std::size_t size, void* data) noexcept {
    auto* self = static_cast<Transfer*>(data);
    const std::size_t count = self->request_.body.copy(room, size, self->uploaded_);
    self->uploaded_ += count;
    return count;
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* data) noexcept {
    auto* self = static_cast<Transfer*>(data);
    if (self->reply_.body.size() + count > self->request_.reply_limit) return 0;  // ends it
    self->reply_.body.append(bytes, count);
    return count;
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* data) noexcept {
    auto* self = static_cast<Transfer*>(data);
    const std::string_view line(bytes, count);
    const std::size_t colon = line.find(':');
    constexpr std::size_t kMostHeaders = 200;
    if (colon != std::string_view::npos && self->reply_.headers.size() < kMostHeaders)
      self->reply_.headers[lower(trim(line.substr(0, colon)))] = trim(line.substr(colon + 1));
    return count;
  }

  Multi& multi_;
  const HttpRequest& request_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  CURLcode code_ = CURLE_OK;
  std::size_t uploaded_ = 0;
  bool answered_ = false;
  char error_[CURL_ERROR_SIZE] = {};
  HttpReply reply_;
};

void HttpClient::Multi::act(curl_socket_t fd, int flags) noexcept {
  int running = 0;
  curl_multi_socket_action(curl, fd, flags, &running);
  // Always drained, after time-outs too.
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(curl, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // the message dies with the handle's removal
    void* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    static_cast<Transfer*>(transfer)->finish(code);
  }
}

HttpClient::HttpClient(std::size_t connections)
    : multi_(new Multi(connections)), permits_(connections) {}

HttpClient::~HttpClient() { multi_->close(); }

Task<HttpReply> HttpClient::send(HttpRequest request, Cancel& cancel) {
  for (const std::string& header : request.headers)
    if (header.find_first_of("\r\n") != std::string::npos || header.find('\0') != header.npos)
      throw Failure(Kind::rejected, "the value of header " + header.substr(0, header.find(':')) +
                                        " has a line break in it");
  Permit permit = co_await permits_.acquire(cancel);
  HttpReply reply = co_await Transfer(*multi_, request, cancel);
  co_return reply;
}

}  // namespace ryumem
