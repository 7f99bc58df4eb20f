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

class CurlMulti;

struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  Millis timeout{120'000};               // for the whole exchange
  Millis connect_timeout{10'000};        // until the connection stands: name, TCP, proxy and TLS
  Millis lookup_timeout{7'000};          // of that, for the name; one dead name server costs 5 s
  std::size_t reply_limit = 64U << 20U;  // bytes, after any decompression

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
  /// own line is slow and unfair. Keep it at 256 or less. `ca_file`: PEM file of the authorities
  /// that are trusted, and no other; empty: those of the system.
  explicit HttpClient(std::size_t connections, std::string ca_file = "");
  /// All requests must have ended.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Gives whatever answer came, of any status, decompressed. Redirects are not followed;
  /// certificates are verified, and that they are for this host. Goes by the proxy that http_proxy,
  /// https_proxy, all_proxy and no_proxy tell, but for this host itself. Requests to a server that
  /// speaks HTTP/2 (over TLS) share connections. Throws Failure(Kind::unreachable) when nobody
  /// answers there at all, Failure(Kind::transient) naming host and reason when no complete answer
  /// came in time, Failure(Kind::outage) for an impossible URL, an untrusted certificate or a
  /// refusal of the proxy, Failure(Kind::rejected) for a header that would break into two,
  /// Failure(Kind::bad_answer) for an answer above the limit or that cannot be decompressed, or the
  /// cancellation's reason.
  Task<HttpReply> send(HttpRequest request, Cancel& cancel);

 private:
  CurlMulti* multi_;  // freed when libuv has closed its handles
  const std::string ca_file_;
  Semaphore permits_;
};

}  // namespace ryumem
