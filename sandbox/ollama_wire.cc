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

std::string_view model_of(const JsonValue& request) {
  return request["model"].string().value_or("");
}

HttpAnswer error_of(Trouble trouble, std::string_view model) {
  const std::string name = "\"" + std::string(model) + "\"";
  switch (trouble) {
    case Trouble::bad_key:
      return error(401, "unauthorized");
    case Trouble::model_missing:
    case Trouble::model_retired:
      return error(404, "model '" + std::string(model) + "' not found");
    case Trouble::rate_limit:
      return error(429, "too many concurrent requests");
    case Trouble::quota:
      return error(429, "you (sandbox) have reached your weekly usage limit");
    case Trouble::overloaded:
      return error(503, "server busy, please try again.  maximum pending requests exceeded");
    case Trouble::too_long:
      return error(400, "the input length exceeds the context length");
    default:
      return error(500, "llama runner process has terminated: exit status 2 " + name);
  }
}

// Without a key header nothing can be wrong with it.
std::string key_of(const HttpQuery& query) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string header = query.header("authorization");
  return header.starts_with(kBearer) ? header.substr(kBearer.size()) : "";
}

std::optional<HttpAnswer> refuse_access(const HttpQuery& query, const JsonValue& request) {
  const std::string_view model = model_of(request);
  if (model.empty()) return error(400, "model is required");
  const Trouble wrong = wrong_access(key_of(query), model);
  if (wrong == Trouble::none) return std::nullopt;
  return error_of(wrong, model);
}

Means means_of(const JsonValue& request) {
  if (request["format"].type() == JsonValue::Type::object) return Means::schema;
  return request["format"].string() == "json" ? Means::json : Means::plain;
}

// What this server does not understand of the request.
std::optional<HttpAnswer> refuse_manner(const JsonValue& request, Means means,
                                        const Manners& manners) {
  if (const auto member = manners.refused_member(request)) {
    if (*member == "think")
      return error(400, "\"" + std::string(model_of(request)) + "\" does not support thinking");
    return error(400, "json: unknown field \"" + *member + "\"");
  }
  if (means == Means::plain || !manners.refuses(means)) return std::nullopt;
  return error(manners.status(),
               "invalid format: failed to load model vocabulary required for format");
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

HttpAnswer chat(const JsonValue& request, const Desk& desk) {
  const std::string_view name = model_of(request);
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
  question.wanted = wanted_by(request["format"], question.system);
  question.means = means_of(request);
  if (auto refusal = refuse_manner(request, question.means, desk.manners)) return *refusal;
  if (desk.manners.ignores(question.means)) question.means = Means::plain;
  question.most_tokens = request["options"]["num_predict"].integer();
  ChatAnswer answer = desk.model.chat(question, desk.malformed);
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

HttpAnswer embed(const JsonValue& request, const Desk& desk) {
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
  const EmbedAnswer answer = desk.model.embed(question, desk.malformed);
  // Written as text: a NaN on demand is no JSON that a builder would make.
  std::string vectors;
  for (const std::string& vector : answer.vectors) vectors += (vectors.empty() ? "" : ",") + vector;
  JsonBuilder body = JsonBuilder::object();
  body.string("model", model_of(request))
      .add("embeddings", JsonBuilder::raw("[" + vectors + "]"))
      .integer("total_duration", 1'000'000 + answer.tokens * 100'000)
      .integer("load_duration", 1'000'000)
      .integer("prompt_eval_count", answer.tokens);
  return HttpAnswer(200, spoil(desk.malformed, body.print()), "application/json; charset=utf-8");
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

// What is told of a model, in the fields that its users look at.
HttpAnswer show() {
  JsonBuilder info = JsonBuilder::object();
  info.string("general.architecture", "sandbox")
      .integer("sandbox.context_length", 32'768)
      .integer("sandbox.embedding_length", 768);
  JsonBuilder body = JsonBuilder::object();
  body.add("model_info", std::move(info));
  return HttpAnswer(200, body.print());
}

bool takes(const HttpQuery& query) { return query.path == "/" || query.path.starts_with("/api/"); }

HttpAnswer answer(const HttpQuery& query, const Desk& desk) {
  if (query.path == "/") return HttpAnswer(200, "Ollama is running", "text/plain; charset=utf-8");
  if (query.path == "/api/version") return HttpAnswer(200, R"({"version":"0.33.0"})");
  if (query.path == "/api/tags") return tags();
  const bool is_chat = query.path == "/api/chat";
  const bool is_show = query.path == "/api/show";
  if (!is_chat && !is_show && query.path != "/api/embed")
    return HttpAnswer(404, "404 page not found", "text/plain");
  if (query.method != "POST") return HttpAnswer(405, "405 method not allowed", "text/plain");
  if (trim(query.body).empty()) return error(400, "missing request body");
  try {
    const JsonDocument document = JsonDocument::parse(query.body);
    if (auto refusal = refuse_access(query, document.root())) return *refusal;
    if (is_show) return show();
    return is_chat ? chat(document.root(), desk) : embed(document.root(), desk);
  } catch (const Failure& failure) {
    return error(400, failure.what());
  }
}

// There is no filter here: the model itself declines, in words.
HttpAnswer declined(std::string_view model) {
  ChatAnswer answer;
  answer.content = "I can't help with that.";
  answer.answer_tokens = estimate_tokens(answer.content);
  JsonBuilder body = chat_head(model, answer.content);
  add_end(body, "stop", answer);
  return HttpAnswer(200, body.print(), "application/json; charset=utf-8");
}

Refusal complain(const HttpQuery& query, const Complaint& complaint) {
  std::string model = "m";
  try {
    model = model_of(JsonDocument::parse(query.body).root());
  } catch (const Failure&) {
    // Not JSON: it is in trouble all the same.
  }
  const bool declines = complaint.trouble == Trouble::filtered ||
                        complaint.trouble == Trouble::refusal ||
                        complaint.trouble == Trouble::blocked;
  Refusal refusal(declines ? declined(model) : error_of(complaint.trouble, model));
  refusal.headers = headers_of(complaint.hint_or(Hint::none), complaint.wait);
  return refusal;
}

}  // namespace

const Wire kOllamaWire{"ollama", takes, answer, complain};

}  // namespace ryumem::sandbox
