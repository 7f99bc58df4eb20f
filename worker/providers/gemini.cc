// Google's Gemini API, v1beta: generateContent and batchEmbedContents. Facts from the protos of
// googleapis (google/ai/generativelanguage/v1beta) and from google-genai 2.19.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"
#include "worker/providers/error_body.h"
#include "worker/providers/provider.h"
#include "worker/providers/vector_texts.h"
#include "worker/providers/wire_parts.h"

namespace ryumem {
namespace {

HttpRequest post(const Endpoint& endpoint, std::string_view verb, std::string body) {
  HttpRequest request("POST", endpoint.url + "/v1beta/models/" + percent_encode(endpoint.model) +
                                  ":" + std::string(verb));
  request.headers.push_back("Content-Type: application/json");
  // Not as ?key=: what is in a URL ends in the logs of proxies.
  if (!endpoint.key.empty()) request.headers.push_back("x-goog-api-key: " + endpoint.key);
  request.body = std::move(body);
  return request;
}

JsonBuilder text_parts(std::string_view text) {
  JsonBuilder part = JsonBuilder::object();
  part.string("text", text);
  JsonBuilder parts = JsonBuilder::array();
  parts.push(std::move(part));
  JsonBuilder content = JsonBuilder::object();
  content.add("parts", std::move(parts));
  return content;
}

JsonBuilder tools(const std::string& schema) {
  JsonBuilder function = JsonBuilder::object();
  function.string("name", kToolName)
      .string("description", kToolPurpose)
      .add("parametersJsonSchema", JsonBuilder::raw(schema));
  JsonBuilder functions = JsonBuilder::array();
  functions.push(std::move(function));
  JsonBuilder tool = JsonBuilder::object();
  tool.add("functionDeclarations", std::move(functions));
  JsonBuilder out = JsonBuilder::array();
  out.push(std::move(tool));
  return out;
}

JsonBuilder tool_choice() {
  JsonBuilder names = JsonBuilder::array();
  names.push_string(kToolName);
  JsonBuilder calling = JsonBuilder::object();
  calling.string("mode", "ANY").add("allowedFunctionNames", std::move(names));
  JsonBuilder out = JsonBuilder::object();
  out.add("functionCallingConfig", std::move(calling));
  return out;
}

// Temperature and the like are left out: the models of the 3.x line ignore or refuse them.
HttpRequest chat_request(const Endpoint& endpoint, const ChatQuestion& question,
                         const Manner& manner) {
  JsonBuilder user = text_parts(question.user);
  user.string("role", "user");
  JsonBuilder contents = JsonBuilder::array();
  contents.push(std::move(user));
  JsonBuilder generation = JsonBuilder::object();
  if (endpoint.answer_tokens > 0) generation.integer("maxOutputTokens", endpoint.answer_tokens);
  if (manner.rung == Rung::schema || manner.rung == Rung::json)
    generation.string("responseMimeType", "application/json");
  if (manner.rung == Rung::schema)
    generation.add("responseJsonSchema", JsonBuilder::raw(question.schema));
  if (!endpoint.effort.empty() && !manner.without.contains("thinkingConfig")) {
    JsonBuilder thinking = JsonBuilder::object();
    thinking.string("thinkingLevel", upper(endpoint.effort));
    generation.add("thinkingConfig", std::move(thinking));
  }
  JsonBuilder body = JsonBuilder::object();
  body.add("systemInstruction", text_parts(question.system)).add("contents", std::move(contents));
  // Never together with a response type: the API refuses that.
  if (manner.rung == Rung::tool)
    body.add("tools", tools(question.schema)).add("toolConfig", tool_choice());
  body.add("generationConfig", std::move(generation));
  return post(endpoint, "generateContent", body.print());
}

void check_finish(std::string_view reason, const JsonValue& candidate) {
  constexpr std::array<std::string_view, 6> kRefusals{
      "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"};
  if (reason == "STOP" || reason.empty()) return;
  if (reason == "MAX_TOKENS")
    throw Failure(Kind::too_long, "the model's answer was cut off at its limit of tokens");
  const std::string message(candidate["finishMessage"].string().value_or(""));
  const std::string what = fmt::format("the model ended with {}{}{}", excerpt(reason, 60),
                                       message.empty() ? "" : ": ", excerpt(message, 200));
  const bool refused = std::find(kRefusals.begin(), kRefusals.end(), reason) != kRefusals.end();
  throw Failure(refused ? Kind::refused : Kind::bad_answer, what);
}

std::string text_of(const JsonValue& candidate, const std::string& body) {
  std::string said, calls;
  bool any = false;
  for (const JsonValue& part : candidate["content"]["parts"].items()) {
    if (part["thought"].boolean().value_or(false)) continue;
    if (const auto text = part["text"].string()) {
      said += *text;
      any = true;
    }
    if (!part.has("functionCall")) continue;
    // Without arguments it is a call all the same: of an empty object.
    const JsonValue args = part["functionCall"]["args"];
    calls += (calls.empty() ? "" : "\n") +
             (args.type() == JsonValue::Type::object ? args.text() : std::string("{}"));
    any = true;
  }
  if (!any)
    throw Failure(Kind::bad_answer,
                  "the reply has a candidate without a word: " + excerpt(body, kReplyExcerpt));
  return calls.empty() ? said : calls;
}

ChatAnswer read_chat(const HttpReply& reply) {
  const JsonDocument document = JsonDocument::parse(reply.body);
  const JsonValue root = document.root();
  refuse_error_body(reply, root);
  const std::vector<JsonValue> candidates = root["candidates"].items();
  if (const auto blocked = root["promptFeedback"]["blockReason"].string();
      blocked && candidates.empty())
    throw Failure(Kind::refused, "the provider blocks this text: " + excerpt(*blocked, 60));
  if (candidates.empty())
    throw Failure(Kind::bad_answer,
                  "the reply has no candidates: " + excerpt(reply.body, kReplyExcerpt));
  check_finish(candidates[0]["finishReason"].string().value_or(""), candidates[0]);
  ChatAnswer answer;
  answer.text = text_of(candidates[0], reply.body);
  const JsonValue usage = root["usageMetadata"];
  answer.tokens_in = usage["promptTokenCount"].integer().value_or(0);
  answer.tokens_out = usage["candidatesTokenCount"].integer().value_or(0) +
                      usage["thoughtsTokenCount"].integer().value_or(0);
  return answer;
}

Objection objection(const Endpoint& endpoint, const HttpReply& reply, const Manner& manner) {
  std::vector<SentParameter> sent;
  if (!endpoint.effort.empty()) sent.emplace_back("thinking", "thinkingConfig");
  return objection_to(
      reply, manner, sent,
      {"schema", "response mime type", "responsemimetype", "response_mime_type", "function calling",
       "function_calling", "functiondeclaration", "function_declaration", "tool", "json mode"});
}

HttpRequest embedding_request(const Endpoint& endpoint, const std::vector<std::string>& texts) {
  // No taskType: the server embeds what is searched for without one, and the two must agree.
  JsonBuilder requests = JsonBuilder::array();
  for (const std::string& text : texts) {
    JsonBuilder request = JsonBuilder::object();
    request.string("model", "models/" + endpoint.model).add("content", text_parts(text));
    request.integer("outputDimensionality", endpoint.dimensions);
    requests.push(std::move(request));
  }
  JsonBuilder body = JsonBuilder::object();
  body.add("requests", std::move(requests));
  return post(endpoint, "batchEmbedContents", body.print());
}

// Only the full 3072 numbers come with length 1; the server compares by cosine, and the peers store
// what they get, but a mixture of lengths in one index is nobody's friend.
EmbeddingAnswer read_embedding(HttpReply reply) {
  auto document = std::make_shared<std::string>(std::move(reply.body));
  EmbeddingAnswer answer;
  answer.vectors = number_arrays(*document, "embeddings", "values");
  answer.document = std::move(document);
  return with_unit_length(std::move(answer));
}

Failure read_error(const Endpoint& endpoint, const HttpReply& reply) {
  return with_advice(failure_of_error(reply, endpoint.key), endpoint, reply.status,
                     "GOOGLE_API_KEY");
}

Endpoint endpoint(const Settings& settings) {
  Endpoint out;
  out.url = settings.gemini_url;
  out.key = settings.google_api_key;
  out.effort = settings.reasoning_effort;
  out.answer_tokens = settings.answer_tokens > 0 ? settings.answer_tokens : kAnswerTokens;
  return out;
}

}  // namespace

const Provider kGemini = {
    "gemini",  {100, 0, 2048},    true,           endpoint,   chat_request, read_chat,
    objection, embedding_request, read_embedding, read_error, rates_of,
};

}  // namespace ryumem
