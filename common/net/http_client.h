// An HTTP client: libcurl's multi interface on the loop. It knows bytes and times, no domain words;
// what a status means is for its callers to say.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/async/sync.h"
#include "common/async/task.h"
#include "common/base/clock.h"

namespace ryumem {

struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  Millis timeout{120'000};  // for the whole exchange
  Millis connect_timeout{10'000};
  std::size_t reply_limit = 64U << 20U;  // bytes, after any decoding

  HttpRequest() = default;
  HttpRequest(std::string the_method, std::string the_url)
      : method(std::move(the_method)), url(std::move(the_url)) {}
};

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  HttpReply() = default;
  /// The header's value, or "".
  std::string header(const std::string& lower_case_name) const;
  /// Retry-After, if it is there: in seconds, or as a date, which is held against the reply's own
  /// Date, so that nobody's clock has to be right; without one it says nothing.
  std::optional<Millis> retry_after() const;
};

class HttpClient {
 public:
  /// `connections`: requests on the wire at once; more wait in line here, in order, since curl's
  /// own line is slow and unfair. Keep it at 256 or less.
  explicit HttpClient(std::size_t connections);
  /// All requests must have ended.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Gives whatever answer came, of any status. Redirects are not followed, certificates are
  /// verified. Throws Failure(Kind::unreachable) when nobody answers there at all,
  /// Failure(Kind::transient) naming host and reason when no complete answer came in time,
  /// Failure(Kind::outage) for an impossible URL or an untrusted certificate,
  /// Failure(Kind::rejected) for a header that would break into two, Failure(Kind::bad_answer) for
  /// an answer above the limit, or the cancellation's reason.
  Task<HttpReply> send(HttpRequest request, Cancel& cancel);

 private:
  class Multi;
  class Transfer;
  Multi* multi_;  // freed when libuv has closed its handles
  Semaphore permits_;
};

}  // namespace ryumem
