// Ollama's native wire: /api/chat with a JSON schema in `format`, and /api/embed. Facts from the
// sources of Ollama 0.33: server/routes.go, api/types.go.
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"
#include "worker/providers/error_body.h"
#include "worker/providers/wire_parts.h"

namespace ryumem {
namespace {

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

// How long to think, if at all: true and false, or a word.
void add_thinking(JsonBuilder& body, const Endpoint& endpoint, const Manner& manner) {
  if (manner.without.contains("think")) return;
  if (endpoint.effort.empty() || endpoint.effort == "none")
    body.boolean("think", false);
  else
    body.string("think", endpoint.effort);
}

HttpRequest chat_request(const Endpoint& endpoint, const ChatQuestion& question,
                         const Manner& manner) {
  JsonBuilder messages = JsonBuilder::array();
  messages.push(message("system", question.system)).push(message("user", question.user));
  JsonBuilder options = JsonBuilder::object();
  // Without num_ctx the window is 4096 tokens on most machines, and what does not fit is dropped
  // in silence. Half of it is left for the answer, which also bounds a model that never ends.
  options.integer("num_ctx", endpoint.context_tokens)
      .integer("num_predict", endpoint.context_tokens / 2);
  JsonBuilder body = JsonBuilder::object();
  body.string("model", endpoint.model).add("messages", std::move(messages));
  // A call of a tool cannot be forced here, so there is no such rung.
  if (manner.rung == Rung::schema) body.add("format", JsonBuilder::raw(question.schema));
  if (manner.rung == Rung::json) body.string("format", "json");
  add_thinking(body, endpoint, manner);
  body.boolean("stream", false)
      .boolean("truncate", false)  // a prompt that does not fit is an error, not a shorter prompt
      .add("options", std::move(options));
  return post(endpoint, "/api/chat", body.print());
}

ChatAnswer read_chat(const HttpReply& reply) {
  const JsonDocument document = JsonDocument::parse(reply.body);
  const JsonValue root = document.root();
  refuse_error_body(reply, root);
  const std::string_view done_reason = root["done_reason"].string().value_or("");
  if (done_reason == "length")
    throw Failure(Kind::too_long,
                  "the model's answer was cut off at its limit of tokens; raise --context-tokens");
  const auto content = root["message"]["content"].string();
  if (!content || root["done"].boolean() != true)
    throw Failure(Kind::bad_answer, "the reply has no finished message.content: " +
                                        excerpt(reply.body, kReplyExcerpt));
  ChatAnswer answer;
  answer.text = *content;
  answer.tokens_in = root["prompt_eval_count"].integer().value_or(0);
  answer.tokens_out = root["eval_count"].integer().value_or(0);
  return answer;
}

HttpRequest embedding_request(const Endpoint& endpoint, const std::vector<std::string>& texts) {
  JsonBuilder input = JsonBuilder::array();
  for (const std::string& text : texts) input.push_string(text);
  JsonBuilder body = JsonBuilder::object();
  body.string("model", endpoint.model)
      .add("input", std::move(input))
      .boolean("truncate", false)
      .integer("dimensions", endpoint.dimensions);
  return post(endpoint, "/api/embed", body.print());
}

EmbeddingAnswer read_embedding(HttpReply reply) {
  auto document = std::make_shared<std::string>(std::move(reply.body));
  EmbeddingAnswer answer;
  answer.vectors = number_arrays(*document, "embeddings", "");
  answer.document = std::move(document);
  return answer;
}

Objection objection(const Endpoint&, const HttpReply& reply, const Manner& manner) {
  return objection_to(reply, manner, {{"think", "think"}},
                      {"format", "schema", "grammar", "structured output"});
}

Failure read_error(const Endpoint& endpoint, const HttpReply& reply) {
  const Failure failure = failure_of_error(reply, endpoint.key);
  if (reply.status != 404)
    return with_advice(failure, endpoint, reply.status, "OLLAMA_API_KEY and OLLAMA_BASE_URL");
  return Failure(failure.kind(), std::string(failure.what()) + "; run \"ollama pull " +
                                     endpoint.model + "\" or choose another model");
}

Endpoint endpoint(const Settings& settings) {
  Endpoint out;
  out.url = settings.ollama_url;
  out.key = settings.ollama_api_key;
  out.of_the_vendor = false;
  out.effort = settings.reasoning_effort;
  out.context_tokens = settings.context_tokens;
  return out;
}

}  // namespace

const Provider kOllama = {
    "ollama",       {},         false,     endpoint,
    chat_request,   read_chat,  objection, embedding_request,
    read_embedding, read_error, rates_of,
};

}  // namespace ryumem
