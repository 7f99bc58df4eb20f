#include "common/net/http_client.h"

#include <curl/curl.h>

#include <charconv>

#include "common/base/failure.h"
#include "common/net/curl_transfer.h"

namespace ryumem {

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

HttpClient::HttpClient(std::size_t connections, std::string ca_file)
    : multi_(new CurlMulti(connections)), ca_file_(std::move(ca_file)), permits_(connections) {}

HttpClient::~HttpClient() { multi_->close(); }

Task<HttpReply> HttpClient::send(HttpRequest request, Cancel& cancel) {
  for (const std::string& header : request.headers)
    if (header.find_first_of("\r\n") != std::string::npos || header.find('\0') != header.npos)
      throw Failure(Kind::rejected, "the value of header " + header.substr(0, header.find(':')) +
                                        " has a line break in it")
          .unsent();
  Permit permit = co_await permits_.acquire(cancel.beginning());
  HttpReply reply = co_await CurlTransfer(*multi_, request, ca_file_, cancel);
  co_return reply;
}

}  // namespace ryumem
