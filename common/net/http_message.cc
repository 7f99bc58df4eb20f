#include "common/net/http_message.h"

#include <fmt/format.h>

#include <charconv>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

[[noreturn]] void reject(const std::string& what) { throw Failure(Kind::rejected, what); }

std::size_t parse_size(std::string_view digits, int base) {
  std::size_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
    reject("a length in the request is not a number");
  return value;
}

HttpQuery parse_head(std::string_view head) {
  HttpQuery query;
  std::size_t line_end = head.find("\r\n");
  const std::vector<std::string> start = split(head.substr(0, line_end), ' ');
  if (start.size() != 3 || start[0].empty() || start[1].empty() || start[1][0] != '/' ||
      (start[2] != "HTTP/1.1" && start[2] != "HTTP/1.0"))
    reject("the request line is not \"METHOD /path HTTP/1.1\"");
  query.method = start[0];
  const std::size_t mark = start[1].find('?');
  query.path = percent_decode(start[1].substr(0, mark));
  if (mark != std::string::npos)
    for (const std::string& pair : split(std::string_view(start[1]).substr(mark + 1), '&')) {
      const std::size_t equal = pair.find('=');
      query.params[percent_decode(pair.substr(0, equal))] =
          equal == std::string::npos ? "" : percent_decode(pair.substr(equal + 1));
    }
  query.headers[":version"] = start[2];
  while (line_end != std::string_view::npos) {
    const std::size_t from = line_end + 2;
    line_end = head.find("\r\n", from);
    const std::string_view line =
        head.substr(from, line_end == std::string_view::npos ? line_end : line_end - from);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) reject("a header has no name");
    query.headers[lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  return query;
}

// Decodes the chunks at the start of `wire` into `body`; gives the bytes used, or 0 for "not all
// there yet".
std::size_t take_chunks(std::string_view wire, std::size_t limit, std::string& body) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t line_end = wire.find("\r\n", at);
    if (line_end == std::string_view::npos) {
      if (wire.size() - at > 64) reject("a chunk has no size");
      return 0;
    }
    // Also when the line is complete: chunk extensions must not outgrow the limits.
    if (line_end - at > 64) reject("the size line of a chunk is too long");
    const std::string_view line = wire.substr(at, line_end - at);
    const std::size_t size = parse_size(trim(line.substr(0, line.find(';'))), 16);
    if (size > limit || body.size() + size > limit) reject("the body is too large");
    at = line_end + 2;
    if (wire.size() < at + size + 2) return 0;
    body.append(wire.substr(at, size));
    if (wire.substr(at + size, 2) != "\r\n") reject("a chunk has no end");
    at += size + 2;
    if (size == 0) return at;
  }
}

}  // namespace

std::string HttpQuery::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

HttpAnswer& HttpAnswer::with(std::string_view header, std::string_view value) {
  more_headers += fmt::format("{}: {}\r\n", header, value);
  return *this;
}

std::string HttpAnswer::wire(bool keep_alive) const {
  return fmt::format(
             "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n{}\r\n",
             status, reason(status), content_type, body.size(), keep_alive ? "keep-alive" : "close",
             more_headers) +
         body;
}

std::optional<HttpQuery> HttpParser::next() {
  const std::size_t head_end = buffer_.find("\r\n\r\n");
  if (head_end == std::string::npos) {
    if (buffer_.size() > limits_.head) reject("the head of the request is too large");
    return std::nullopt;
  }
  if (head_end > limits_.head) reject("the head of the request is too large");
  HttpQuery query = parse_head(std::string_view(buffer_).substr(0, head_end));
  const std::size_t body_start = head_end + 4;
  std::size_t used = body_start;
  if (lower(query.header("transfer-encoding")) == "chunked") {
    const std::size_t chunks =
        take_chunks(std::string_view(buffer_).substr(body_start), limits_.body, query.body);
    if (chunks == 0) return std::nullopt;
    used += chunks;
  } else if (!query.header("transfer-encoding").empty()) {
    reject("this transfer encoding is not supported");
  } else if (!query.header("content-length").empty()) {
    const std::size_t length = parse_size(query.header("content-length"), 10);
    if (length > limits_.body) reject("the body is too large");
    if (buffer_.size() < body_start + length) return std::nullopt;
    query.body = buffer_.substr(body_start, length);
    used += length;
  }
  const std::string connection = lower(query.header("connection"));
  keep_alive_ =
      query.headers[":version"] == "HTTP/1.1" ? connection != "close" : connection == "keep-alive";
  buffer_.erase(0, used);
  return query;
}

}  // namespace ryumem
