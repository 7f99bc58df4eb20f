#include "sandbox/openai_errors.h"

#include <fmt/format.h>

#include "common/base/json_build.h"

namespace ryumem::sandbox {
namespace {

struct Words {
  int status;
  std::string message;
  std::string type;
  std::string code;
  std::string param;
  const char* exception;  // LiteLLM's name for it

  Words(int the_status, std::string the_message, std::string the_type, std::string the_code,
        const char* the_exception)
      : status(the_status),
        message(std::move(the_message)),
        type(std::move(the_type)),
        code(std::move(the_code)),
        exception(the_exception) {}
};

void string_or_null(JsonBuilder& json, const char* key, const std::string& text) {
  if (text.empty())
    json.null(key);
  else
    json.string(key, text);
}

HttpAnswer said(Dialect dialect, const Words& words) {
  JsonBuilder inner = JsonBuilder::object();
  if (dialect == Dialect::openai) {
    inner.string("message", words.message).string("type", words.type);
    string_or_null(inner, "param", words.param);
    string_or_null(inner, "code", words.code);
  } else {
    // The provider's own type survives in the message only.
    const std::string message =
        fmt::format("litellm.{0}: {0}: OpenAIException - {1}", words.exception, words.message);
    inner.string("message", message);
    string_or_null(inner, "type", words.status == 429 ? "throttling_error" : "");
    inner.string("param", "None").string("code", std::to_string(words.status));
  }
  JsonBuilder body = JsonBuilder::object();
  body.add("error", std::move(inner));
  return HttpAnswer(words.status, body.print());
}

// What the proxy itself has to say.
HttpAnswer said_by_proxy(int status, const std::string& message, const char* type) {
  JsonBuilder inner = JsonBuilder::object();
  inner.string("message", message)
      .string("type", type)
      .string("param", "None")
      .string("code", std::to_string(status));
  JsonBuilder body = JsonBuilder::object();
  body.add("error", std::move(inner));
  return HttpAnswer(status, body.print());
}

std::string too_many(std::string_view model, const Complaint& complaint) {
  std::string text = fmt::format(
      "Rate limit reached for {} on requests per min (RPM): Limit 3, Used 3, Requested 1.", model);
  if (complaint.hint == Hint::message)
    text += " Please try again in " + in_seconds(complaint.wait) + ".";
  return text;
}

Words words_of(Trouble trouble, std::string_view model, const Complaint& complaint) {
  const std::string invalid = "invalid_request_error";
  switch (trouble) {
    case Trouble::bad_key:
      return Words(401, "Incorrect API key provided: bad***.", invalid, "invalid_api_key",
                   "AuthenticationError");
    case Trouble::model_missing:
      return Words(
          404, fmt::format("The model `{}` does not exist or you do not have access to it.", model),
          invalid, "model_not_found", "NotFoundError");
    case Trouble::model_retired:
      return Words(404, fmt::format("The model `{}` has been deprecated.", model), invalid,
                   "model_not_found", "NotFoundError");
    case Trouble::rate_limit:
      return Words(429, too_many(model, complaint), "requests", "rate_limit_exceeded",
                   "RateLimitError");
    case Trouble::quota:
      return Words(429,
                   "You exceeded your current quota, please check your plan and billing details.",
                   "insufficient_quota", "insufficient_quota", "RateLimitError");
    case Trouble::overloaded:
      return Words(503, "The server is currently overloaded. Please try again later.",
                   "service_unavailable_error", "server_is_overloaded", "ServiceUnavailableError");
    case Trouble::too_long:
      return Words(400, "This model's maximum context length is 8192 tokens.", invalid,
                   "context_length_exceeded", "ContextWindowExceededError");
    case Trouble::filtered:
      return Words(400, "Your request was rejected as a result of our safety system.", invalid,
                   "content_policy_violation", "ContentPolicyViolationError");
    default:
      return Words(500, "The server had an error while processing your request.", "server_error",
                   "", "InternalServerError");
  }
}

}  // namespace

HttpAnswer openai_invalid(Dialect dialect, const std::string& message, const std::string& param,
                          const std::string& code) {
  Words words(400, message, "invalid_request_error", code, "BadRequestError");
  words.param = param;
  return said(dialect, words);
}

HttpAnswer openai_error(Dialect dialect, Trouble trouble, std::string_view model,
                        const Complaint& complaint) {
  if (dialect == Dialect::litellm) {
    if (trouble == Trouble::bad_key)
      return said_by_proxy(401, "Authentication Error, Invalid proxy server token passed.",
                           "token_not_found_in_db");
    if (trouble == Trouble::model_missing)
      return said_by_proxy(400,
                           fmt::format("/chat/completions: Invalid model name passed in model={}. "
                                       "Call `/v1/models` to view available models for your key.",
                                       model),
                           "None");
    if (trouble == Trouble::quota)
      return said_by_proxy(400, "Budget has been exceeded! Current cost: 1.1, Max budget: 1.0",
                           "budget_exceeded");
  }
  return said(dialect, words_of(trouble, model, complaint));
}

HttpAnswer openai_not_understood(Dialect dialect, Means means, int status) {
  const char* param = means == Means::tool ? "tools" : "response_format";
  if (status == 422) {
    JsonBuilder where = JsonBuilder::array();
    where.push_string("body").push_string(param);
    JsonBuilder item = JsonBuilder::object();
    item.string("type", "extra_forbidden")
        .add("loc", std::move(where))
        .string("msg", "Extra inputs are not permitted");
    JsonBuilder list = JsonBuilder::array();
    list.push(std::move(item));
    JsonBuilder body = JsonBuilder::object();
    body.add("detail", std::move(list));
    return HttpAnswer(422, body.print());
  }
  if (dialect == Dialect::openai && status == 400 && means == Means::schema)
    return openai_invalid(dialect,
                          "Invalid parameter: 'response_format' of type 'json_schema' is not "
                          "supported with this model.",
                          param);
  Words words(status, fmt::format("This model does not support {}.", param),
              status == 501 ? "not_supported_error" : "invalid_request_error", "",
              "UnsupportedParamsError");
  words.param = param;
  return said(dialect, words);
}

HttpAnswer openai_no_path(const HttpQuery& query) {
  return said(Dialect::openai, Words(404, "Invalid URL (" + query.method + " " + query.path + ")",
                                     "invalid_request_error", "", "NotFoundError"));
}

}  // namespace ryumem::sandbox
