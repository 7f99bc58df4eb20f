// HTTP/1.1 requests as our own servers read them, and the answers they give.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ryumem {

struct HttpQuery {
  std::string method;
  std::string path;                            // percent-decoded, without the query
  std::map<std::string, std::string> params;   // of the query, percent-decoded
  std::map<std::string, std::string> headers;  // names in lower case; the last of equal names
  std::string body;

  HttpQuery() = default;
  /// The header's value, or "".
  std::string header(const std::string& lower_case_name) const;
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string more_headers;  // lines, each with its end

  HttpAnswer(int the_status, std::string the_body, std::string type = "application/json")
      : status(the_status), content_type(std::move(type)), body(std::move(the_body)) {}

  HttpAnswer& with(std::string_view header, std::string_view value);
  /// The bytes on the wire.
  std::string wire(bool keep_alive) const;
};

/// What a server accepts from a client, in bytes.
struct HttpLimits {
  std::size_t head = 16 * 1024;
  std::size_t body = 64 * 1024;
};

/// Takes bytes as they come and gives requests as they are complete. Knows Content-Length bodies
/// and chunked ones; anything it does not understand is a Failure(Kind::rejected) whose text is
/// fit to be sent to the client, after which the connection must be closed.
class HttpParser {
 public:
  explicit HttpParser(HttpLimits limits) : limits_(limits) {}

  void feed(std::string_view bytes) { buffer_.append(bytes); }
  /// The next complete request, if there is one.
  std::optional<HttpQuery> next();
  /// Nothing of a further request has arrived.
  bool idle() const { return buffer_.empty(); }
  /// Does the client want the connection kept open after the request that next() gave last?
  bool keep_alive() const { return keep_alive_; }

 private:
  HttpLimits limits_;
  std::string buffer_;
  bool keep_alive_ = true;
};

}  // namespace ryumem
