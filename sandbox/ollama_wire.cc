// Ollama's native API: /api/chat with a JSON schema in `format`, /api/embed, and the probes.
#include <algorithm>
#include <optional>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"
#include "sandbox/wire.h"

namespace ryumem::sandbox {
namespace {

HttpAnswer error(int status, const std::string& what) {
  JsonBuilder body = JsonBuilder::object();
  body.string("error", what);
  return HttpAnswer(status, body.print());
}

std::string now() { return utc_timestamp() + "Z"; }

// Any name is a model we have, but for those that begin with "missing".
std::optional<HttpAnswer> refuse_model(const JsonValue& request) {
  const auto model = request["model"].string();
  if (!model || model->empty()) return error(400, "model is required");
  if (model->starts_with("missing"))
    return error(404, "model '" + std::string(*model) + "' not found");
  return std::nullopt;
}

JsonBuilder chat_head(std::string_view model, std::string_view content) {
  JsonBuilder message = JsonBuilder::object();
  message.string("role", "assistant").string("content", content);
  JsonBuilder body = JsonBuilder::object();
  body.string("model", model).string("created_at", now()).add("message", std::move(message));
  return body;
}

void add_end(JsonBuilder& body, const char* reason, const ChatAnswer& answer) {
  // Nanoseconds, made up from the tokens: about what a small machine would take.
  const std::int64_t reading = answer.prompt_tokens * 1'000'000;
  const std::int64_t writing = answer.answer_tokens * 20'000'000;
  body.boolean("done", true)
      .string("done_reason", reason)
      .integer("total_duration", reading + writing + 1'000'000)
      .integer("load_duration", 1'000'000)
      .integer("prompt_eval_count", answer.prompt_tokens)
      .integer("prompt_eval_duration", reading)
      .integer("eval_count", answer.answer_tokens)
      .integer("eval_duration", writing);
}

HttpAnswer chat(const JsonValue& request, const Model& model, Malformed malformed) {
  const std::string_view name = *request["model"].string();
  const std::vector<JsonValue> messages = request["messages"].items();
  if (messages.empty()) {
    JsonBuilder body = chat_head(name, "");
    body.string("done_reason", "load").boolean("done", true);
    return HttpAnswer(200, body.print());
  }
  ChatQuestion question;
  for (const JsonValue& message : messages) {
    const std::string content(message["content"].string().value_or(""));
    if (message["role"].string() == "user") question.user = content;
    if (message["role"].string() == "system") question.system += content;
  }
  question.wanted = wanted_by_schema(request["format"]);
  question.most_tokens = request["options"]["num_predict"].integer();
  ChatAnswer answer = model.chat(question, malformed);
  // A prompt beyond the context is cut without a word; only the count tells.
  if (const auto context = request["options"]["num_ctx"].integer(); context && *context > 0)
    answer.prompt_tokens = std::min(answer.prompt_tokens, *context);
  const char* reason = answer.cut ? "length" : "stop";
  if (request["stream"].boolean().value_or(true)) {
    JsonBuilder piece = chat_head(name, answer.content);
    piece.boolean("done", false);
    JsonBuilder end = chat_head(name, "");
    add_end(end, reason, answer);
    return HttpAnswer(200, piece.print() + "\n" + end.print() + "\n", "application/x-ndjson");
  }
  JsonBuilder body = chat_head(name, answer.content);
  add_end(body, reason, answer);
  return HttpAnswer(200, body.print(), "application/json; charset=utf-8");
}

HttpAnswer embed(const JsonValue& request, const Model& model, Malformed malformed) {
  EmbedQuestion question;
  const JsonValue input = request["input"];
  if (const auto text = input.string()) {
    if (!text->empty()) question.texts.emplace_back(*text);
  } else if (input.type() == JsonValue::Type::array) {
    for (const JsonValue& item : input.items()) {
      if (!item.string()) return error(400, "invalid input type");
      question.texts.emplace_back(*item.string());
    }
  } else if (request.has("input") && input.type() != JsonValue::Type::null) {
    return error(400, "invalid input type");
  }
  question.dimensions = request["dimensions"].integer();
  const EmbedAnswer answer = model.embed(question, malformed);
  // Written as text: a NaN on demand is no JSON that a builder would make.
  std::string vectors;
  for (const std::string& vector : answer.vectors) vectors += (vectors.empty() ? "" : ",") + vector;
  JsonBuilder body = JsonBuilder::object();
  body.string("model", *request["model"].string())
      .add("embeddings", JsonBuilder::raw("[" + vectors + "]"))
      .integer("total_duration", 1'000'000 + answer.tokens * 100'000)
      .integer("load_duration", 1'000'000)
      .integer("prompt_eval_count", answer.tokens);
  return HttpAnswer(200, spoil(malformed, body.print()), "application/json; charset=utf-8");
}

HttpAnswer tags() {
  JsonBuilder models = JsonBuilder::array();
  for (const char* name : {"qwen2.5:7b", "nomic-embed-text:latest"}) {
    JsonBuilder model = JsonBuilder::object();
    JsonBuilder details = JsonBuilder::object();
    details.string("family", "sandbox").string("format", "rules");
    model.string("name", name)
        .string("model", name)
        .string("modified_at", "2026-01-01T00:00:00Z")
        .integer("size", 0)
        .string("digest", "")
        .add("details", std::move(details));
    models.push(std::move(model));
  }
  JsonBuilder body = JsonBuilder::object();
  body.add("models", std::move(models));
  return HttpAnswer(200, body.print());
}

bool takes(const std::string& path) { return path == "/" || path.starts_with("/api/"); }

HttpAnswer answer(const HttpQuery& query, const Model& model, Malformed malformed) {
  if (query.path == "/") return HttpAnswer(200, "Ollama is running", "text/plain; charset=utf-8");
  if (query.path == "/api/version") return HttpAnswer(200, R"({"version":"0.33.0"})");
  if (query.path == "/api/tags") return tags();
  const bool is_chat = query.path == "/api/chat";
  if (!is_chat && query.path != "/api/embed")
    return HttpAnswer(404, "404 page not found", "text/plain");
  if (query.method != "POST") return HttpAnswer(405, "405 method not allowed", "text/plain");
  if (trim(query.body).empty()) return error(400, "missing request body");
  try {
    const JsonDocument document = JsonDocument::parse(query.body);
    if (auto refusal = refuse_model(document.root())) return *refusal;
    return is_chat ? chat(document.root(), model, malformed)
                   : embed(document.root(), model, malformed);
  } catch (const Failure& failure) {
    return error(400, failure.what());
  }
}

}  // namespace

const Wire kOllamaWire{"ollama", takes, answer};

}  // namespace ryumem::sandbox
