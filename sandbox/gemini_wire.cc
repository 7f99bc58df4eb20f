// Google's Gemini API, v1beta: generateContent, embedContent and batchEmbedContents.
#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "sandbox/json_copy.h"
#include "sandbox/wire.h"

namespace ryumem::sandbox {
namespace {

constexpr std::string_view kModels = "/v1beta/models";
constexpr std::size_t kMostTexts = 100;

// Protobuf's JSON takes both ways of writing a name.
JsonValue either(const JsonValue& json, const char* camel, const char* snake) {
  return json.has(camel) ? json[camel] : json[snake];
}

HttpAnswer error(int status, const char* word, const std::string& message,
                 std::optional<JsonBuilder> details = std::nullopt) {
  JsonBuilder inner = JsonBuilder::object();
  inner.integer("code", status).string("message", message).string("status", word);
  if (details) inner.add("details", std::move(*details));
  JsonBuilder body = JsonBuilder::object();
  body.add("error", std::move(inner));
  return HttpAnswer(status, body.print(), "application/json; charset=UTF-8");
}

HttpAnswer invalid(const std::string& message) { return error(400, "INVALID_ARGUMENT", message); }

JsonBuilder detail(const char* type) {
  JsonBuilder out = JsonBuilder::object();
  out.string("@type", std::string("type.googleapis.com/google.rpc.") + type);
  return out;
}

JsonBuilder list_of(JsonBuilder item) {
  JsonBuilder list = JsonBuilder::array();
  list.push(std::move(item));
  return list;
}

JsonBuilder quota_failure(const char* id) {
  JsonBuilder violation = JsonBuilder::object();
  violation.string("quotaMetric", "generativelanguage.googleapis.com/generate_content_requests")
      .string("quotaId", id)
      .string("quotaValue", "10");
  JsonBuilder out = detail("QuotaFailure");
  out.add("violations", list_of(std::move(violation)));
  return out;
}

HttpAnswer key_refused() {
  JsonBuilder info = detail("ErrorInfo");
  info.string("reason", "API_KEY_INVALID").string("domain", "googleapis.com");
  return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
               list_of(std::move(info)));
}

HttpAnswer too_many(Hint hint, Millis wait) {
  const char* kMinute = "GenerateRequestsPerMinutePerProjectPerModel";
  if (hint == Hint::message)
    return error(429, "RESOURCE_EXHAUSTED",
                 "You exceeded your current quota. Please retry in " + in_seconds(wait) + ".");
  if (hint != Hint::details && hint != Hint::usual)
    return error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).");
  JsonBuilder details = list_of(quota_failure(kMinute));
  JsonBuilder retry = detail("RetryInfo");
  retry.string("retryDelay", in_seconds(wait));
  details.push(std::move(retry));
  return error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", std::move(details));
}

HttpAnswer quota_is_spent() {
  return error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.",
               list_of(quota_failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier")));
}

// {"candidates":[…],"usageMetadata":…}, or without candidates if there is none.
HttpAnswer reply(std::optional<JsonBuilder> candidate, const char* block_reason,
                 const ChatAnswer& answer, std::string_view model) {
  JsonBuilder body = JsonBuilder::object();
  if (candidate) body.add("candidates", list_of(std::move(*candidate)));
  if (block_reason != nullptr) {
    JsonBuilder feedback = JsonBuilder::object();
    feedback.string("blockReason", block_reason);
    body.add("promptFeedback", std::move(feedback));
  }
  // A figure that is 0 is left out, as protobuf's JSON has it.
  JsonBuilder usage = JsonBuilder::object();
  if (answer.prompt_tokens > 0) usage.integer("promptTokenCount", answer.prompt_tokens);
  if (answer.answer_tokens > 0) usage.integer("candidatesTokenCount", answer.answer_tokens);
  usage.integer("totalTokenCount", answer.prompt_tokens + answer.answer_tokens);
  body.add("usageMetadata", std::move(usage))
      .string("modelVersion", model)
      .string("responseId", "sandbox");
  return HttpAnswer(200, body.print(), "application/json; charset=UTF-8");
}

JsonBuilder candidate_with(std::optional<JsonBuilder> part, const char* finish_reason) {
  JsonBuilder content = JsonBuilder::object();
  if (part) content.add("parts", list_of(std::move(*part)));
  content.string("role", "model");
  JsonBuilder candidate = JsonBuilder::object();
  candidate.add("content", std::move(content))
      .string("finishReason", finish_reason)
      .integer("index", 0);
  return candidate;
}

bool is_object(const std::string& text) {
  try {
    return JsonDocument::parse(text).root().type() == JsonValue::Type::object;
  } catch (const Failure&) {
    return false;
  }
}

// A call of the tool, if what the model said can be its arguments.
JsonBuilder call_candidate(const ChatAnswer& answer, std::string_view tool) {
  if (!is_object(answer.content)) {
    const char* reason = answer.cut ? "MAX_TOKENS" : "MALFORMED_FUNCTION_CALL";
    JsonBuilder candidate = candidate_with(std::nullopt, reason);
    candidate.string("finishMessage", "Malformed function call: " + answer.content);
    return candidate;
  }
  JsonBuilder call = JsonBuilder::object();
  call.string("name", tool).add("args", JsonBuilder::raw(answer.content));
  JsonBuilder part = JsonBuilder::object();
  part.add("functionCall", std::move(call));
  return candidate_with(std::move(part), "STOP");
}

JsonBuilder text_candidate(const ChatAnswer& answer) {
  const char* reason = answer.cut ? "MAX_TOKENS" : "STOP";
  if (answer.content.empty()) return candidate_with(std::nullopt, reason);
  JsonBuilder part = JsonBuilder::object();
  part.string("text", answer.content);
  return candidate_with(std::move(part), reason);
}

std::string text_of(const JsonValue& content) {
  std::string text;
  for (const JsonValue& part : content["parts"].items()) text += part["text"].string().value_or("");
  return text;
}

// What holds the model to a shape in a request, and what shape that is.
struct Asked {
  Means means = Means::plain;
  JsonValue schema;
  std::string tool;
  bool mixed = false;  // a tool and a response type, which exclude each other
};

Asked asked_in(const JsonValue& request) {
  Asked asked;
  const JsonValue config = either(request, "generationConfig", "generation_config");
  const bool json = either(config, "responseMimeType", "response_mime_type").string() ==
                    std::string_view("application/json");
  asked.schema = either(config, "responseJsonSchema", "response_json_schema");
  if (asked.schema.type() == JsonValue::Type::absent)
    asked.schema = either(config, "responseSchema", "response_schema");
  if (json)
    asked.means = asked.schema.type() == JsonValue::Type::object ? Means::schema : Means::json;
  for (const JsonValue& tool : request["tools"].items())
    for (const JsonValue& function :
         either(tool, "functionDeclarations", "function_declarations").items()) {
      const JsonValue calling = either(either(request, "toolConfig", "tool_config"),
                                       "functionCallingConfig", "function_calling_config");
      if (calling["mode"].string() == std::string_view("NONE")) continue;
      asked.mixed = json;
      asked.means = Means::tool;
      asked.tool = function["name"].string().value_or("");
      asked.schema = either(function, "parametersJsonSchema", "parameters_json_schema");
      if (asked.schema.type() == JsonValue::Type::absent) asked.schema = function["parameters"];
    }
  return asked;
}

std::optional<HttpAnswer> refuse_manner(const JsonValue& request, const Asked& asked,
                                        const Manners& manners) {
  if (asked.mixed)
    return invalid("Function calling with a response mime type: 'application/json' is unsupported");
  if (const auto member = manners.refused_member(request)) {
    if (*member == "thinkingConfig")
      return invalid("Thinking level is not supported for this model.");
    return invalid("Invalid JSON payload received. Unknown name \"" + *member +
                   "\": Cannot find field.");
  }
  if (asked.means == Means::plain || !manners.refuses(asked.means)) return std::nullopt;
  if (asked.means == Means::tool)
    return error(manners.status(), "INVALID_ARGUMENT",
                 "Function calling is not enabled for this model.");
  if (asked.means == Means::json)
    return error(manners.status(), "INVALID_ARGUMENT", "JSON mode is not enabled for this model.");
  return error(manners.status(), "INVALID_ARGUMENT",
               "The specified schema produces a constraint that has too many states for serving.");
}

HttpAnswer generate(const JsonValue& request, std::string_view model, const Desk& desk) {
  if (request["contents"].items().empty())
    return invalid("* GenerateContentRequest.contents: contents is not specified");
  const Asked asked = asked_in(request);
  if (auto refusal = refuse_manner(request, asked, desk.manners)) return *refusal;
  ChatQuestion question;
  question.system = text_of(either(request, "systemInstruction", "system_instruction"));
  for (const JsonValue& content : request["contents"].items())
    if (content["role"].string().value_or("user") == "user") question.user = text_of(content);
  question.wanted = wanted_by(asked.schema, question.system);
  question.means = desk.manners.ignores(asked.means) ? Means::plain : asked.means;
  const JsonValue config = either(request, "generationConfig", "generation_config");
  question.most_tokens = either(config, "maxOutputTokens", "max_output_tokens").integer();
  const ChatAnswer answer = desk.model.chat(question, desk.malformed);
  return reply(
      question.means == Means::tool ? call_candidate(answer, asked.tool) : text_candidate(answer),
      nullptr, answer, model);
}

HttpAnswer embed(const JsonValue& request, std::string_view model, bool batch, const Desk& desk) {
  std::vector<JsonValue> requests;
  if (batch)
    requests = request["requests"].items();
  else
    requests.push_back(request);
  if (requests.empty()) return invalid("* BatchEmbedContentsRequest.requests: requests is empty");
  if (requests.size() > kMostTexts)
    return invalid(
        "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch");
  EmbedQuestion question;
  for (const JsonValue& one : requests) {
    if (batch && one["model"].string() != "models/" + std::string(model))
      return invalid("* BatchEmbedContentsRequest.requests[].model: does not match the path");
    question.texts.push_back(text_of(one["content"]));
    if (question.texts.back().empty())
      return invalid("* EmbedContentRequest.content: content is empty");
    question.dimensions = either(one, "outputDimensionality", "output_dimensionality").integer();
  }
  const EmbedAnswer answer = desk.model.embed(question, desk.malformed);
  // Written as text: a NaN on demand is no JSON that a builder would make.
  std::string vectors;
  for (const std::string& vector : answer.vectors)
    vectors += (vectors.empty() ? "" : ",") + std::string("{\"values\":") + vector + "}";
  const std::string body =
      batch ? "{\"embeddings\":[" + vectors + "]}" : "{\"embedding\":" + vectors + "}";
  return HttpAnswer(200, spoil(desk.malformed, body), "application/json; charset=UTF-8");
}

HttpAnswer error_of(Trouble trouble, std::string_view model, const Complaint& complaint) {
  switch (trouble) {
    case Trouble::bad_key:
      return key_refused();
    case Trouble::model_missing:
      return error(404, "NOT_FOUND",
                   fmt::format("models/{} is not found for API version v1beta, or is not supported "
                               "for generateContent.",
                               model));
    case Trouble::model_retired:
      return error(404, "NOT_FOUND",
                   fmt::format("This model models/{} is no longer available to new users.", model));
    case Trouble::rate_limit:
      return too_many(complaint.hint, complaint.wait);
    case Trouble::quota:
      return quota_is_spent();
    case Trouble::overloaded:
      return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
    case Trouble::too_long:
      return invalid(
          "The input token count (1100000) exceeds the maximum number of tokens allowed "
          "(1048576).");
    default:
      return error(500, "INTERNAL", "An internal error has occurred.");
  }
}

// "/v1beta/models/NAME:VERB".
struct Target {
  std::string model;
  std::string verb;
};

Target target_of(const std::string& path) {
  Target target;
  const std::size_t colon = path.rfind(':');
  if (path.size() <= kModels.size() + 1) return target;
  target.model =
      path.substr(kModels.size() + 1,
                  colon == std::string::npos ? std::string::npos : colon - kModels.size() - 1);
  if (colon != std::string::npos) target.verb = path.substr(colon + 1);
  return target;
}

std::string key_of(const HttpQuery& query) {
  const auto found = query.params.find("key");
  return found == query.params.end() ? query.header("x-goog-api-key") : found->second;
}

HttpAnswer models() {
  JsonBuilder list = JsonBuilder::array();
  for (const char* name : {"models/gemini-3.5-flash-lite", "models/gemini-embedding-001"}) {
    JsonBuilder model = JsonBuilder::object();
    model.string("name", name);
    list.push(std::move(model));
  }
  JsonBuilder body = JsonBuilder::object();
  body.add("models", std::move(list));
  return HttpAnswer(200, body.print());
}

// What is told of a model, in the fields that its users look at.
HttpAnswer card(const std::string& model) {
  JsonBuilder body = JsonBuilder::object();
  body.string("name", "models/" + model)
      .integer("inputTokenLimit", 1'048'576)
      .integer("outputTokenLimit", 65'536);
  return HttpAnswer(200, body.print());
}

bool takes(const HttpQuery& query) { return query.path.starts_with("/v1beta/"); }

HttpAnswer answer(const HttpQuery& query, const Desk& desk) {
  if (query.path == kModels && query.method == "GET") return models();
  const Target target = target_of(query.path);
  const bool is_card = query.method == "GET" && !target.model.empty() && target.verb.empty();
  const bool batch = target.verb == "batchEmbedContents";
  const bool is_chat = target.verb == "generateContent";
  const bool is_question =
      query.method == "POST" && (is_chat || batch || target.verb == "embedContent");
  if (!query.path.starts_with(kModels) || (!is_card && !is_question))
    return HttpAnswer(404, "", "text/html");
  const Trouble wrong = wrong_access(key_of(query), target.model);
  if (wrong != Trouble::none) return error_of(wrong, target.model, Complaint());
  if (is_card) return card(target.model);
  try {
    const JsonDocument document = JsonDocument::parse(query.body);
    return is_chat ? generate(document.root(), target.model, desk)
                   : embed(document.root(), target.model, batch, desk);
  } catch (const Failure& failure) {
    return invalid(std::string("Invalid JSON payload received. ") + failure.what());
  }
}

Refusal complain(const HttpQuery& query, const Complaint& complaint) {
  const std::string model = target_of(query.path).model;
  ChatAnswer answer;
  answer.prompt_tokens = estimate_tokens(query.body);
  const bool blocked =
      complaint.trouble == Trouble::filtered || complaint.trouble == Trouble::blocked;
  if (blocked) return Refusal(reply(std::nullopt, "PROHIBITED_CONTENT", answer, model));
  if (complaint.trouble == Trouble::refusal)
    return Refusal(reply(candidate_with(std::nullopt, "SAFETY"), nullptr, answer, model));
  Refusal refusal(error_of(complaint.trouble, model, complaint));
  refusal.headers = headers_of(complaint.hint, complaint.wait);
  return refusal;
}

}  // namespace

const Wire kGeminiWire{"gemini", takes, answer, complain};

}  // namespace ryumem::sandbox
