// What providers, gateways and proxies write into the body of an error, in all its shapes, and what
// it means. One reader serves every wire: they borrow each other's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/failure.h"
#include "common/net/http_client.h"
#include "worker/providers/rate_facts.h"

namespace ryumem {

/// What could be read of an error; everything may be empty.
struct ErrorBody {
  std::string message;  // for people; the first bytes of the body if nothing better is there
  std::string code;     // "rate_limit_exceeded"; a number as its digits
  std::string type;     // "insufficient_quota"
  std::string param;    // which member of the request is meant
  std::string status;   // Google's word: RESOURCE_EXHAUSTED
  std::string reason;   // Google's ErrorInfo: API_KEY_INVALID
  std::vector<std::string> quotas;  // Google's QuotaFailure: the quotaId of each
  std::optional<Millis> retry_in;   // Google's RetryInfo

  ErrorBody() = default;
};

/// {"error":{…}}, [{"error":{…}}], {"error":"…"}, {"detail":…}, {"message":…}, or no JSON at all.
ErrorBody read_error_body(std::string_view body);

/// The failure that an error stands for, by its body first and its status second. The text has the
/// status and the message; `secret` never stands in it.
Failure failure_of_error(const HttpReply& reply, const std::string& secret);

/// What the headers say of the rate, and the wait that headers or an error's body ask for.
RateFacts rates_of(const HttpReply& reply);

}  // namespace ryumem
