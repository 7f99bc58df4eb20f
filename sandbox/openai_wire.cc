// OpenAI's wire, chat/completions and embeddings, as OpenAI itself, servers that speak it (vLLM,
// llama.cpp, LM Studio) and the LiteLLM proxy have it. The proxy is told by its paths, which do
// without the /v1, or by a header that only it reads.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"
#include "sandbox/openai_errors.h"
#include "sandbox/strict_schema.h"
#include "sandbox/vectors.h"
#include "sandbox/wire.h"

namespace ryumem::sandbox {
namespace {

constexpr std::size_t kMostTexts = 2048;

// A string, or a list of parts with texts.
std::string text_of(const JsonValue& content) {
  if (const auto text = content.string()) return std::string(*text);
  std::string out;
  for (const JsonValue& part : content.items()) out += part["text"].string().value_or("");
  return out;
}

// What holds the model to a shape in a request, and what shape that is.
struct Asked {
  Means means = Means::plain;
  JsonValue schema;
  bool strict = false;
  std::string tool;
  const char* called = "stop";  // the reason to finish with, after a call
};

Asked asked_in(const JsonValue& request) {
  Asked asked;
  const JsonValue format = request["response_format"];
  if (format["type"].string() == "json_object") asked.means = Means::json;
  if (format["type"].string() == "json_schema") {
    asked.means = Means::schema;
    asked.schema = format["json_schema"]["schema"];
    asked.strict = format["json_schema"]["strict"].boolean().value_or(false);
  }
  const JsonValue choice = request["tool_choice"];
  const std::vector<JsonValue> tools = request["tools"].items();
  if (tools.empty() || choice.string() == "none") return asked;
  // A tool that may be called is called; a choice by name ends as an answer ends.
  asked.means = Means::tool;
  const auto chosen = choice["function"]["name"].string();
  JsonValue function = tools[0]["function"];
  for (const JsonValue& tool : tools)
    if (tool["function"]["name"].string() == chosen) function = tool["function"];
  asked.tool = chosen.value_or(function["name"].string().value_or(""));
  asked.schema = function["parameters"];
  asked.strict = function["strict"].boolean().value_or(false);
  asked.called = chosen ? "stop" : "tool_calls";
  return asked;
}

bool names_a_tool(const JsonValue& request, std::string_view name) {
  const std::vector<JsonValue> tools = request["tools"].items();
  return std::any_of(tools.begin(), tools.end(), [&](const JsonValue& tool) {
    return tool["function"]["name"].string() == name;
  });
}

std::optional<HttpAnswer> refuse_manner(Dialect dialect, const JsonValue& request,
                                        const Asked& asked, const std::string& words,
                                        const Manners& manners) {
  if (const auto member = manners.refused_member(request))
    return openai_invalid(
        dialect, "Unsupported parameter: '" + *member + "' is not supported with this model.",
        *member, "unsupported_parameter");
  if (asked.means != Means::plain && manners.refuses(asked.means))
    return openai_not_understood(dialect, asked.means, manners.status());
  const char* param = asked.means == Means::tool ? "tools" : "response_format";
  if (asked.means == Means::json && lower(words).find("json") == std::string::npos)
    return openai_invalid(dialect,
                          "'messages' must contain the word 'json' in some form, to use "
                          "'response_format' of type 'json_object'.",
                          "messages");
  if (asked.means == Means::tool && !names_a_tool(request, asked.tool))
    return openai_invalid(dialect, "Invalid value for 'tool_choice': no tool '" + asked.tool + "'.",
                          "tool_choice");
  if (!asked.strict || manners.ignores(asked.means)) return std::nullopt;
  if (const std::string wrong = against_strict_rules(asked.schema); !wrong.empty())
    return openai_invalid(dialect, fmt::format("Invalid schema for {}: {}", param, wrong), param,
                          asked.means == Means::tool ? "invalid_function_parameters" : "");
  return std::nullopt;
}

JsonBuilder calls_of(const std::string& arguments, const std::string& tool) {
  JsonBuilder function = JsonBuilder::object();
  function.string("name", tool).string("arguments", arguments);
  JsonBuilder call = JsonBuilder::object();
  call.string("id", "call_1").string("type", "function").add("function", std::move(function));
  JsonBuilder calls = JsonBuilder::array();
  calls.push(std::move(call));
  return calls;
}

JsonBuilder usage_of(const ChatAnswer& answer) {
  JsonBuilder cached = JsonBuilder::object();
  cached.integer("cached_tokens", 0);
  JsonBuilder reasoning = JsonBuilder::object();
  reasoning.integer("reasoning_tokens", 0);
  JsonBuilder usage = JsonBuilder::object();
  usage.integer("prompt_tokens", answer.prompt_tokens)
      .integer("completion_tokens", answer.answer_tokens)
      .integer("total_tokens", answer.prompt_tokens + answer.answer_tokens)
      .add("prompt_tokens_details", std::move(cached))
      .add("completion_tokens_details", std::move(reasoning));
  return usage;
}

HttpAnswer completion(std::string_view model, JsonBuilder message, const char* finish_reason,
                      const ChatAnswer& answer) {
  JsonBuilder choice = JsonBuilder::object();
  choice.integer("index", 0)
      .add("message", std::move(message))
      .null("logprobs")
      .string("finish_reason", finish_reason);
  JsonBuilder choices = JsonBuilder::array();
  choices.push(std::move(choice));
  JsonBuilder body = JsonBuilder::object();
  body.string("id", "chatcmpl-sandbox")
      .string("object", "chat.completion")
      .integer("created", 1'780'000'000)
      .string("model", model)
      .add("choices", std::move(choices))
      .add("usage", usage_of(answer));
  return HttpAnswer(200, body.print());
}

JsonBuilder message_of(const std::optional<std::string>& content) {
  JsonBuilder message = JsonBuilder::object();
  message.string("role", "assistant");
  if (content)
    message.string("content", *content);
  else
    message.null("content");
  return message;
}

HttpAnswer chat(Dialect dialect, const JsonValue& request, const Desk& desk) {
  if (request["messages"].items().empty())
    return openai_invalid(dialect, "Missing required parameter: 'messages'.", "messages",
                          "missing_required_parameter");
  if (request["stream"].boolean().value_or(false))
    return openai_invalid(dialect, "this stand-in does not stream", "stream", "unsupported_value");
  ChatQuestion question;
  for (const JsonValue& message : request["messages"].items()) {
    const std::string content = text_of(message["content"]);
    if (message["role"].string() == "user") question.user = content;
    if (message["role"].string() == "system" || message["role"].string() == "developer")
      question.system += content;
  }
  const Asked asked = asked_in(request);
  if (auto refusal =
          refuse_manner(dialect, request, asked, question.system + question.user, desk.manners))
    return *refusal;
  question.wanted = wanted_by(asked.schema, question.system);
  question.means = desk.manners.ignores(asked.means) ? Means::plain : asked.means;
  question.most_tokens = request["max_completion_tokens"].integer();
  if (!question.most_tokens) question.most_tokens = request["max_tokens"].integer();
  const ChatAnswer answer = desk.model.chat(question, desk.malformed);
  const bool calls = question.means == Means::tool;
  JsonBuilder message =
      message_of(calls ? std::nullopt : std::optional<std::string>(answer.content));
  if (calls) message.add("tool_calls", calls_of(answer.content, asked.tool));
  message.null("refusal");
  return completion(*request["model"].string(), std::move(message),
                    answer.cut ? "length"
                    : calls    ? asked.called
                               : "stop",
                    answer);
}

std::optional<HttpAnswer> refuse_embedding(Dialect dialect, const JsonValue& request,
                                           const EmbedQuestion& question) {
  const std::size_t count = question.texts.size();
  if (count > kMostTexts)
    return openai_invalid(dialect,
                          fmt::format("Invalid 'input': array too long. Expected an array with "
                                      "maximum length {}, but got an array with length {} instead.",
                                      kMostTexts, count),
                          "input", "array_above_max_length");
  for (const std::string& text : question.texts)
    if (text.empty()) return openai_invalid(dialect, "'$.input' is invalid.", "input");
  if (count == 0) return openai_invalid(dialect, "'$.input' is invalid.", "input");
  if (request.has("dimensions") && *request["model"].string() == "text-embedding-ada-002")
    return openai_invalid(dialect, "This model does not support specifying dimensions.",
                          "dimensions");
  return std::nullopt;
}

HttpAnswer embed(Dialect dialect, const JsonValue& request, const Desk& desk) {
  EmbedQuestion question;
  const JsonValue input = request["input"];
  if (const auto text = input.string()) question.texts.emplace_back(*text);
  for (const JsonValue& item : input.items())
    question.texts.emplace_back(item.string().value_or(""));
  question.dimensions = request["dimensions"].integer();
  if (auto refusal = refuse_embedding(dialect, request, question)) return *refusal;
  const EmbedAnswer answer = desk.model.embed(question, desk.malformed);
  const bool base64 = request["encoding_format"].string() == "base64";
  // Written as text: a NaN on demand is no JSON that a builder would make.
  std::string data;
  for (std::size_t i = 0; i < answer.vectors.size(); ++i)
    data +=
        fmt::format(R"({}{{"object":"embedding","index":{},"embedding":{}}})", i == 0 ? "" : ",", i,
                    base64 ? "\"" + vector_base64(answer.vectors[i]) + "\"" : answer.vectors[i]);
  JsonBuilder usage = JsonBuilder::object();
  usage.integer("prompt_tokens", answer.tokens).integer("total_tokens", answer.tokens);
  JsonBuilder body = JsonBuilder::object();
  body.string("object", "list")
      .add("data", JsonBuilder::raw("[" + data + "]"))
      .string("model", *request["model"].string())
      .add("usage", std::move(usage));
  return HttpAnswer(200, spoil(desk.malformed, body.print()));
}

HttpAnswer models() {
  JsonBuilder list = JsonBuilder::array();
  for (const char* name : {"gpt-6-luna", "text-embedding-3-large"}) {
    JsonBuilder model = JsonBuilder::object();
    model.string("id", name).string("object", "model").string("owned_by", "sandbox");
    list.push(std::move(model));
  }
  JsonBuilder body = JsonBuilder::object();
  body.string("object", "list").add("data", std::move(list));
  return HttpAnswer(200, body.print());
}

bool is_v1(const std::string& path) { return path.starts_with("/v1/"); }

bool litellm_takes(const HttpQuery& query) {
  const auto next = query.headers.lower_bound("x-litellm-");
  const bool by_header = next != query.headers.end() && next->first.starts_with("x-litellm-");
  if (is_v1(query.path)) return by_header;
  return query.path == "/chat/completions" || query.path == "/embeddings" ||
         query.path == "/models";
}

bool openai_takes(const HttpQuery& query) { return is_v1(query.path); }

std::string key_of(const HttpQuery& query) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string header = query.header("authorization");
  return header.starts_with(kBearer) ? header.substr(kBearer.size()) : "";
}

HttpAnswer answer(Dialect dialect, const HttpQuery& query, const Desk& desk) {
  const std::string path = is_v1(query.path) ? query.path.substr(3) : query.path;
  if (path == "/models" && query.method == "GET") {
    const Trouble wrong = wrong_access(key_of(query), "");
    return wrong == Trouble::none ? models() : openai_error(dialect, wrong, "", Complaint());
  }
  const bool is_chat = path == "/chat/completions";
  if ((!is_chat && path != "/embeddings") || query.method != "POST") return openai_no_path(query);
  try {
    const JsonDocument document = JsonDocument::parse(query.body);
    const std::string_view model = document.root()["model"].string().value_or("");
    if (model.empty())
      return openai_invalid(dialect, "you must provide a model parameter", "model");
    const Trouble wrong = wrong_access(key_of(query), model);
    if (wrong != Trouble::none) return openai_error(dialect, wrong, model, Complaint());
    return is_chat ? chat(dialect, document.root(), desk) : embed(dialect, document.root(), desk);
  } catch (const Failure& failure) {
    return openai_invalid(
        dialect,
        std::string("We could not parse the JSON body of your request. ") + failure.what());
  }
}

// A 200 in which nothing is said, or why nothing is said.
HttpAnswer without_a_word(Trouble trouble, std::string_view model) {
  ChatAnswer answer;
  answer.prompt_tokens = 1;
  JsonBuilder message = message_of(std::nullopt);
  if (trouble == Trouble::refusal)
    message.string("refusal", "I'm sorry, I can't help with that.");
  else
    message.null("refusal");
  return completion(model, std::move(message),
                    trouble == Trouble::refusal ? "stop" : "content_filter", answer);
}

Refusal complain(Dialect dialect, const HttpQuery& query, const Complaint& complaint) {
  std::string model = "m";
  try {
    model = JsonDocument::parse(query.body).root()["model"].string().value_or("m");
  } catch (const Failure&) {
    // Not JSON: it is in trouble all the same.
  }
  if (complaint.trouble == Trouble::refusal || complaint.trouble == Trouble::blocked)
    return Refusal(without_a_word(complaint.trouble, model));
  Refusal refusal(openai_error(dialect, complaint.trouble, model, complaint));
  // OpenAI says how long to wait of a limit only.
  const bool limit = complaint.trouble == Trouble::rate_limit;
  const Hint usual = !limit                       ? Hint::none
                     : dialect == Dialect::openai ? Hint::milliseconds
                                                  : Hint::seconds;
  refusal.headers = headers_of(complaint.hint_or(usual), complaint.wait);
  return refusal;
}

HttpAnswer openai_answer(const HttpQuery& query, const Desk& desk) {
  return answer(Dialect::openai, query, desk);
}
HttpAnswer litellm_answer(const HttpQuery& query, const Desk& desk) {
  return answer(Dialect::litellm, query, desk);
}
Refusal openai_complain(const HttpQuery& query, const Complaint& complaint) {
  return complain(Dialect::openai, query, complaint);
}
Refusal litellm_complain(const HttpQuery& query, const Complaint& complaint) {
  return complain(Dialect::litellm, query, complaint);
}

}  // namespace

const Wire kOpenAiWire{"openai", openai_takes, openai_answer, openai_complain};
const Wire kLiteLlmWire{"litellm", litellm_takes, litellm_answer, litellm_complain};

}  // namespace ryumem::sandbox
