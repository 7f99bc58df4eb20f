// Ollama's native wire: /api/chat with a JSON schema in `format`, and /api/embed. Facts from the
// sources of Ollama 0.33: server/routes.go, api/types.go.
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"
#include "worker/providers/provider.h"

namespace ryumem {
namespace {

constexpr std::size_t kExcerpt = 300;

HttpRequest post(const Endpoint& endpoint, const char* path, std::string body) {
  HttpRequest request("POST", endpoint.url + path);
  request.headers.push_back("Content-Type: application/json");
  request.body = std::move(body);
  return request;
}

JsonBuilder message(const char* role, const std::string& content) {
  JsonBuilder out = JsonBuilder::object();
  out.string("role", role).string("content", content);
  return out;
}

HttpRequest chat_request(const Endpoint& endpoint, const ChatQuestion& question) {
  JsonBuilder messages = JsonBuilder::array();
  messages.push(message("system", question.system)).push(message("user", question.user));
  JsonBuilder options = JsonBuilder::object();
  // Without num_ctx the window is 4096 tokens on most machines, and what does not fit is dropped
  // in silence. Half of it is left for the answer, which also bounds a model that never ends.
  options.integer("num_ctx", endpoint.context_tokens)
      .integer("num_predict", endpoint.context_tokens / 2);
  JsonBuilder body = JsonBuilder::object();
  body.string("model", endpoint.model)
      .add("messages", std::move(messages))
      .add("format", JsonBuilder::raw(question.schema))
      .boolean("stream", false)
      .boolean("think", false)
      .boolean("truncate", false)  // a prompt that does not fit is an error, not a shorter prompt
      .add("options", std::move(options));
  return post(endpoint, "/api/chat", body.print());
}

// A 200 may hold an error all the same.
void refuse_error_body(JsonValue root) {
  if (root.type() != JsonValue::Type::object)
    throw Failure(Kind::bad_answer,
                  "the reply is " + std::string(root.type_name()) + ", not an object");
  if (const auto error = root["error"].string())
    throw Failure(Kind::transient, "error in a reply of status 200: " + excerpt(*error, kExcerpt));
}

ChatAnswer read_chat(const HttpReply& reply) {
  const JsonDocument document = JsonDocument::parse(reply.body);
  const JsonValue root = document.root();
  refuse_error_body(root);
  const std::string_view done_reason = root["done_reason"].string().value_or("");
  if (done_reason == "length")
    throw Failure(Kind::bad_answer,
                  "the model's answer was cut off at its limit of tokens; raise --context-tokens");
  const auto content = root["message"]["content"].string();
  if (!content || root["done"].boolean() != true)
    throw Failure(Kind::bad_answer,
                  "the reply has no finished message.content: " + excerpt(reply.body, kExcerpt));
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

Failure read_error(const Endpoint& endpoint, const HttpReply& reply) {
  std::string text = excerpt(trim(reply.body), kExcerpt);
  try {
    const JsonDocument document = JsonDocument::parse(reply.body);
    if (const auto error = document.root()["error"].string()) text = excerpt(*error, kExcerpt);
  } catch (const Failure&) {
    // A proxy in front of it answers in its own words.
  }
  std::string what = "status " + std::to_string(reply.status) + ": " + text;
  if (reply.status == 404)
    what += "; run \"ollama pull " + endpoint.model + "\" or choose another model";
  return Failure(kind_of_status(reply.status), what).with_retry_after(reply.retry_after());
}

}  // namespace

const Provider kOllama = {
    "ollama", chat_request, read_chat, embedding_request, read_embedding, read_error,
};

}  // namespace ryumem
