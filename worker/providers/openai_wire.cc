#include "worker/providers/openai_wire.h"

#include <fmt/format.h>

#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"
#include "worker/providers/error_body.h"
#include "worker/providers/vector_texts.h"
#include "worker/providers/wire_parts.h"

namespace ryumem::openai {
namespace {

constexpr const char* kEffort = "reasoning_effort";
constexpr const char* kParallel = "parallel_tool_calls";
constexpr const char* kOldLimit = "max_tokens";

HttpRequest post(const Endpoint& endpoint, const char* path, std::string body) {
  HttpRequest request("POST", endpoint.url + path);
  request.headers.push_back("Content-Type: application/json");
  if (!endpoint.key.empty()) request.headers.push_back("Authorization: Bearer " + endpoint.key);
  request.body = std::move(body);
  return request;
}

JsonBuilder message(const char* role, const std::string& content) {
  JsonBuilder out = JsonBuilder::object();
  out.string("role", role).string("content", content);
  return out;
}

JsonBuilder schema_format(const std::string& schema) {
  JsonBuilder inner = JsonBuilder::object();
  inner.string("name", kToolName).boolean("strict", true).add("schema", JsonBuilder::raw(schema));
  JsonBuilder out = JsonBuilder::object();
  out.string("type", "json_schema").add("json_schema", std::move(inner));
  return out;
}

JsonBuilder json_format() {
  JsonBuilder out = JsonBuilder::object();
  out.string("type", "json_object");
  return out;
}

JsonBuilder tools(const std::string& schema) {
  JsonBuilder function = JsonBuilder::object();
  function.string("name", kToolName)
      .string("description", kToolPurpose)
      .boolean("strict", true)
      .add("parameters", JsonBuilder::raw(schema));
  JsonBuilder tool = JsonBuilder::object();
  tool.string("type", "function").add("function", std::move(function));
  JsonBuilder out = JsonBuilder::array();
  out.push(std::move(tool));
  return out;
}

JsonBuilder tool_choice() {
  JsonBuilder function = JsonBuilder::object();
  function.string("name", kToolName);
  JsonBuilder out = JsonBuilder::object();
  out.string("type", "function").add("function", std::move(function));
  return out;
}

// What the limit of an answer's tokens is called here: an endpoint that has refused the new name is
// tried with the old one. Empty if it takes neither.
std::string limit_field(const Endpoint& endpoint, const Manner& manner) {
  if (endpoint.answer_tokens <= 0) return "";
  if (!manner.without.contains(endpoint.tokens_field)) return endpoint.tokens_field;
  return manner.without.contains(kOldLimit) ? "" : kOldLimit;
}

void add_limits(JsonBuilder& body, const Endpoint& endpoint, const Manner& manner) {
  if (const std::string limit = limit_field(endpoint, manner); !limit.empty())
    body.integer(limit.c_str(), endpoint.answer_tokens);
  if (!endpoint.effort.empty() && !manner.without.contains(kEffort))
    body.string(kEffort, endpoint.effort);
}

// What the model said: the arguments of its calls, which are text, or an object on odd servers.
std::string calls_of(const JsonValue& message) {
  std::string out;
  for (const JsonValue& call : message["tool_calls"].items()) {
    const JsonValue function = call["function"];
    if (function.type() != JsonValue::Type::object) continue;  // a "custom" call
    const JsonValue arguments = function["arguments"];
    const auto text = arguments.string();
    out += (out.empty() ? "" : "\n") + (text ? std::string(*text) : arguments.text());
  }
  return out;
}

// A string, or on some servers a list of parts; nothing if there is neither.
std::optional<std::string> content_of(const JsonValue& message) {
  const JsonValue content = message["content"];
  if (const auto text = content.string()) return std::string(*text);
  if (content.type() != JsonValue::Type::array) return std::nullopt;
  std::optional<std::string> out;
  for (const JsonValue& part : content.items())
    if (const auto text = part["text"].string()) out = out.value_or("") + std::string(*text);
  return out;
}

// The vectors in the order of their texts, which is that of `index` and not of their arrival.
std::vector<std::string_view> in_order(const std::vector<IndexedSlice>& slices) {
  std::vector<std::string_view> out(slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const std::size_t at = slices[i].index.value_or(i);
    if (at >= out.size() || !out[at].empty())
      throw Failure(Kind::bad_answer, fmt::format("the reply has {} vectors, and one of them has "
                                                  "the number {} out of place",
                                                  slices.size(), at));
    out[at] = slices[i].text;
  }
  return out;
}

bool is_base64(std::string_view slice) { return slice.starts_with('"'); }

std::vector<float> floats_of_string(std::string_view slice) {
  if (slice.size() < 2) throw Failure(Kind::bad_answer, "a vector is an unfinished string");
  return floats_of_base64(slice.substr(1, slice.size() - 2));
}

NumberArray checked_array(std::string_view slice, std::size_t number) {
  const std::optional<NumberArray> array = number_array(slice);
  if (!array)
    throw Failure(Kind::bad_answer, fmt::format("element {} of \"data\" is not an array of plain "
                                                "numbers: {}",
                                                number, excerpt(slice, 60)));
  return *array;
}

std::int64_t tokens_of(const std::string& document) {
  // The vectors are most of the text, and the figure stands behind them.
  constexpr std::string_view kUsage = "\"usage\"";
  const std::size_t at = document.rfind(kUsage);
  if (at == std::string::npos) return 0;
  const std::size_t from = document.find('{', at);
  const std::size_t to = document.find('}', at);
  if (from == std::string::npos || to == std::string::npos || to < from) return 0;
  try {
    const JsonDocument usage =
        JsonDocument::parse(std::string_view(document).substr(from, to - from + 1));
    return usage.root()["prompt_tokens"].integer().value_or(0);
  } catch (const Failure&) {
    return 0;  // a figure less
  }
}

}  // namespace

HttpRequest chat_request(const Endpoint& endpoint, const ChatQuestion& question,
                         const Manner& manner) {
  JsonBuilder messages = JsonBuilder::array();
  messages.push(message("system", question.system)).push(message("user", question.user));
  JsonBuilder body = JsonBuilder::object();
  body.string("model", endpoint.model).add("messages", std::move(messages));
  if (manner.rung == Rung::schema) body.add("response_format", schema_format(question.schema));
  if (manner.rung == Rung::json) body.add("response_format", json_format());
  if (manner.rung == Rung::tool) {
    body.add("tools", tools(question.schema)).add("tool_choice", tool_choice());
    if (!manner.without.contains(kParallel)) body.boolean(kParallel, false);
  }
  // Neither temperature nor anything else that some models refuse.
  add_limits(body, endpoint, manner);
  return post(endpoint, "/chat/completions", body.print());
}

ChatAnswer read_chat(const HttpReply& reply) {
  const JsonDocument document = JsonDocument::parse(reply.body);
  const JsonValue root = document.root();
  refuse_error_body(reply, root);
  const std::vector<JsonValue> choices = root["choices"].items();
  const JsonValue choice = choices.empty() ? JsonValue() : choices[0];
  const std::string_view finish = choice["finish_reason"].string().value_or("");
  const JsonValue message = choice["message"];
  if (finish == "length")
    throw Failure(Kind::too_long, "the model's answer was cut off at its limit of tokens");
  if (finish == "content_filter")
    throw Failure(Kind::refused, "the provider's content filter stopped the answer");
  if (const auto refusal = message["refusal"].string(); refusal && !refusal->empty())
    throw Failure(Kind::refused, "the model refuses: " + excerpt(*refusal, kReplyExcerpt));
  ChatAnswer answer;
  // By their presence, not by finish_reason: a named tool ends with "stop".
  answer.text = calls_of(message);
  if (answer.text.empty()) {
    const std::optional<std::string> content = content_of(message);
    if (!content)
      throw Failure(Kind::bad_answer,
                    "the reply has no message with content: " + excerpt(reply.body, kReplyExcerpt));
    answer.text = *content;
  }
  answer.tokens_in = root["usage"]["prompt_tokens"].integer().value_or(0);
  answer.tokens_out = root["usage"]["completion_tokens"].integer().value_or(0);
  return answer;
}

Objection objection(const Endpoint& endpoint, const HttpReply& reply, const Manner& manner) {
  std::vector<SentParameter> sent;
  if (!endpoint.effort.empty()) sent.emplace_back(kEffort, kEffort);
  const std::string limit = limit_field(endpoint, manner);
  if (!limit.empty()) sent.emplace_back(limit, limit);
  if (manner.rung == Rung::tool) sent.emplace_back(kParallel, kParallel);
  return objection_to(reply, manner, sent,
                      {"response_format", "json_schema", "schema", "tool", "grammar",
                       "structured output", "function", "reasoning_effort", "json_object"});
}

HttpRequest embedding_request(const Endpoint& endpoint, const std::vector<std::string>& texts) {
  JsonBuilder input = JsonBuilder::array();
  for (const std::string& text : texts) input.push_string(text);
  JsonBuilder body = JsonBuilder::object();
  body.string("model", endpoint.model).add("input", std::move(input));
  // As text, since it passes through us as text; base64 is taken all the same.
  body.string("encoding_format", "float");
  // Other models refuse to be asked; the length that came is checked in any case.
  if (endpoint.model.find("text-embedding-3") != std::string::npos)
    body.integer("dimensions", endpoint.dimensions);
  return post(endpoint, "/embeddings", body.print());
}

EmbeddingAnswer read_embedding(HttpReply reply) {
  auto document = std::make_shared<std::string>(std::move(reply.body));
  const std::vector<std::string_view> slices =
      in_order(indexed_slices(*document, "data", "index", "embedding"));
  const std::int64_t tokens = tokens_of(*document);
  VectorTexts decoded;
  EmbeddingAnswer answer;
  bool any_base64 = false;
  for (std::size_t i = 0; i < slices.size(); ++i) any_base64 = any_base64 || is_base64(slices[i]);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    if (is_base64(slices[i])) {
      decoded.add(floats_of_string(slices[i]));
      continue;
    }
    const NumberArray array = checked_array(slices[i], i);
    if (any_base64) decoded.add(array);
    answer.vectors.push_back(array);
  }
  if (any_base64) return std::move(decoded).finish(tokens);
  answer.tokens_in = tokens;
  answer.document = std::move(document);
  return answer;
}

}  // namespace ryumem::openai
