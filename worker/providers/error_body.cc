#include "worker/providers/error_body.h"

#include <algorithm>
#include <initializer_list>

#include "common/base/json.h"
#include "common/base/text.h"
#include "worker/providers/provider.h"

namespace ryumem {
namespace {

constexpr std::size_t kExcerpt = 300;
constexpr std::size_t kWord = 80;
// A wait as long as this is no rate limit that passes but a quota that is used up.
constexpr Millis kLongestWait{300'000};
// When the server says not to try again: longer than any pause in place, so that the job waits.
constexpr Millis kNotNow{60'000};

// A member that may be a string, a number, or the word "None" of a Python program.
std::string word(const JsonValue& value) {
  if (const auto number = value.integer()) return std::to_string(*number);
  const std::string_view text = value.string().value_or("");
  return text == "None" ? "" : excerpt(text, kWord);
}

void read_details(const JsonValue& details, ErrorBody& out) {
  for (const JsonValue& detail : details.items()) {
    const std::string_view type = detail["@type"].string().value_or("");
    if (type.ends_with("ErrorInfo")) out.reason = word(detail["reason"]);
    if (type.ends_with("RetryInfo"))
      out.retry_in = parse_duration(detail["retryDelay"].string().value_or(""));
    if (type.ends_with("QuotaFailure"))
      for (const JsonValue& violation : detail["violations"].items())
        out.quotas.push_back(word(violation["quotaId"]));
  }
}

// FastAPI says a text, an object, or a list of what is wrong with the request.
std::string text_of_detail(const JsonValue& detail) {
  if (const auto text = detail.string()) return std::string(*text);
  if (const auto text = detail["error"].string()) return std::string(*text);
  if (const auto text = detail["message"].string()) return std::string(*text);
  std::string out;
  for (const JsonValue& item : detail.items()) {
    const auto text = item["msg"].string();
    if (!text) continue;
    // "body.response_format: Extra inputs are not permitted"
    std::string place;
    for (const JsonValue& part : item["loc"].items())
      place += (place.empty() ? "" : ".") + word(part);
    out += (out.empty() ? "" : "; ") + place + (place.empty() ? "" : ": ") + std::string(*text);
  }
  return out;
}

ErrorBody read_object(const JsonValue& root) {
  ErrorBody out;
  JsonValue error = root["error"];
  if (error.type() == JsonValue::Type::array && !error.items().empty()) error = error.items()[0];
  // vLLM of old writes the members of the error at the top.
  if (error.type() != JsonValue::Type::object && !error.string()) error = root;
  if (const auto text = error.string()) out.message = *text;
  if (const auto text = error["message"].string()) out.message = *text;
  out.code = word(error["code"]);
  out.type = word(error["type"]);
  out.param = word(error["param"]);
  out.status = word(error["status"]);
  read_details(error["details"], out);
  if (out.message.empty()) out.message = text_of_detail(root["detail"]);
  return out;
}

bool one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool says(const std::string& text, std::initializer_list<std::string_view> phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&text](std::string_view phrase) {
    return text.find(phrase) != std::string::npos;
  });
}

// "limit: 0" but neither "limit: 0.5" nor "limit: 05".
bool has_limit_of_zero(const std::string& text) {
  constexpr std::string_view kWords = "limit: 0";
  for (std::size_t at = text.find(kWords); at != std::string::npos;
       at = text.find(kWords, at + 1)) {
    const char next = at + kWords.size() < text.size() ? text[at + kWords.size()] : ' ';
    const char after = at + kWords.size() + 1 < text.size() ? text[at + kWords.size() + 1] : ' ';
    const bool fraction = next == '.' && after >= '0' && after <= '9';
    if (!fraction && !(next >= '0' && next <= '9')) return true;
  }
  return false;
}

// Nothing will come of waiting: the money is spent, or the day's share.
bool quota_is_used_up(const ErrorBody& body, const std::string& text, std::optional<Millis> wait) {
  for (const std::string* name : {&body.type, &body.code})
    if (one_of(*name, {"insufficient_quota", "credit_balance_exhausted", "budget_exceeded",
                       "billing_hard_limit_reached", "billing_not_active"}))
      return true;
  if (says(text, {"insufficient_quota", "exceeded your current quota", "budget has been exceeded",
                  "exceededbudget", "credit balance is too low"}))
    // Google says "current quota" of the quota of a minute, too: there the details decide.
    if (body.status.empty()) return true;
  if (body.status != "RESOURCE_EXHAUSTED") return false;
  for (const std::string& quota : body.quotas)
    if (says(quota, {"PerDay", "Daily"})) return true;
  return has_limit_of_zero(text) || (wait && *wait > kLongestWait);
}

bool access_is_wrong(const ErrorBody& body, const std::string& text) {
  for (const std::string* name : {&body.type, &body.code})
    if (one_of(*name, {"invalid_api_key", "expired_key", "auth_error", "token_not_found_in_db",
                       "authentication_error", "model_not_found"}) ||
        name->ends_with("_model_access_denied"))
      return true;
  if (says(text, {"invalid model name passed"})) return true;  // LiteLLM, with a 400
  // FAILED_PRECONDITION: no free tier in this country, or no bill to send.
  return one_of(body.reason,
                {"API_KEY_INVALID", "API_KEY_EXPIRED", "SERVICE_DISABLED", "BILLING_DISABLED"}) ||
         one_of(body.status, {"FAILED_PRECONDITION", "UNAUTHENTICATED", "PERMISSION_DENIED"});
}

bool does_not_fit(const ErrorBody& body, const std::string& text) {
  if (one_of(body.code,
             {"context_length_exceeded", "string_above_max_length", "array_above_max_length"}) ||
      body.type == "exceed_context_size_error")
    return true;
  return says(text,
              {"context_length_exceeded", "maximum context length", "context window",
               "exceeds the context length", "exceeds the available context size",
               "input token count", "exceeds the maximum number of tokens",
               "maximum number of tokens allowed", "too large to process", "prompt is too long",
               "max_tokens_per_request", "requests can be in one batch", "contextwindowexceeded"});
}

bool is_filtered(const ErrorBody& body, const std::string& text) {
  for (const std::string* name : {&body.type, &body.code})
    if (one_of(*name, {"content_filter", "content_policy_violation", "moderation_blocked",
                       "invalid_prompt"}))
      return true;
  return says(text, {"contentpolicyviolation", "content management policy", "responsibleaipolicy"});
}

Kind kind_of_error(int status, const ErrorBody& body, std::optional<Millis> wait) {
  const std::string text = lower(body.message);
  if (quota_is_used_up(body, text, wait)) return Kind::outage;
  if (access_is_wrong(body, text)) return Kind::outage;
  if (status >= 400 && does_not_fit(body, text)) return Kind::too_long;
  if (status >= 400 && is_filtered(body, text)) return Kind::refused;
  if (body.type == "not_supported_error") return Kind::rejected;
  return kind_of_status(status);
}

}  // namespace

ErrorBody read_error_body(std::string_view body) {
  ErrorBody out;
  try {
    const JsonDocument document = JsonDocument::parse(body);
    JsonValue root = document.root();
    if (root.type() == JsonValue::Type::array && !root.items().empty()) root = root.items()[0];
    if (const auto text = root.string()) out.message = *text;
    if (root.type() == JsonValue::Type::object) out = read_object(root);
  } catch (const Failure&) {
    // A proxy in front of it answers in its own words.
  }
  if (out.message.empty()) out.message = std::string(trim(body).substr(0, kExcerpt * 2));
  return out;
}

RateFacts rates_of(const HttpReply& reply) {
  RateFacts facts = rates_by_headers(reply);
  if (facts.retry_after || reply.status < 400) return facts;
  const ErrorBody body = read_error_body(reply.body);
  facts.retry_after = body.retry_in ? body.retry_in : wait_by_message(body.message);
  return facts;
}

Failure failure_of_error(const HttpReply& reply, const std::string& secret) {
  const ErrorBody body = read_error_body(reply.body);
  std::optional<Millis> wait = rates_of(reply).retry_after;
  Kind kind = kind_of_error(reply.status, body, wait);
  const std::string again = reply.header("x-should-retry");
  if (again == "true" && kind == Kind::rejected) kind = Kind::transient;
  if (again == "false" && kind == Kind::transient) wait = std::max(kNotNow, wait.value_or(kNotNow));

  std::string what = "status " + std::to_string(reply.status) + ": " +
                     excerpt(replace_all(body.message, secret, "(the key)"), kExcerpt);
  for (const std::string* name : {&body.code, &body.type, &body.status})
    if (!name->empty() && *name != std::to_string(reply.status)) {
      what += " [" + replace_all(*name, secret, "(the key)") + "]";
      break;
    }
  const std::string id = reply.header("x-request-id");
  if (!id.empty()) what += " (request " + excerpt(id, kWord) + ")";
  return Failure(kind, what).with_retry_after(wait);
}

}  // namespace ryumem
