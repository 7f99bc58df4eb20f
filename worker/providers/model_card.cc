// Gemini: models.get. Ollama: POST /api/show. OpenAI's wire: the list at /models, which vLLM and
// llama.cpp add their own fields to.
#include "worker/providers/model_card.h"

#include <algorithm>

#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

std::int64_t number(JsonValue value) {
  return std::max<std::int64_t>(0, value.integer().value_or(0));
}

HttpRequest show_request(const Endpoint& endpoint) {
  HttpRequest request("POST", endpoint.url + "/api/show");
  request.headers.push_back("Content-Type: application/json");
  JsonBuilder body = JsonBuilder::object();
  body.string("model", endpoint.model);
  request.body = body.print();
  return request;
}

ModelCard card_of_gemini(JsonValue root) {
  ModelCard card;
  card.context_tokens = number(root["inputTokenLimit"]);
  return card;
}

// The names begin with the architecture: "qwen2.context_length".
ModelCard card_of_ollama(JsonValue root) {
  ModelCard card;
  const std::string family(root["model_info"]["general.architecture"].string().value_or(""));
  card.context_tokens = number(root["model_info"][family + ".context_length"]);
  return card;
}

std::optional<ModelCard> card_in_list(JsonValue root, const std::string& model) {
  for (const JsonValue entry : root["data"].items()) {
    const std::string_view id = entry["id"].string().value_or("");
    if (id != model && !model.ends_with("/" + std::string(id))) continue;
    ModelCard card;
    card.context_tokens =
        std::max(number(entry["max_model_len"]), number(entry["meta"]["n_ctx_train"]));
    return card;
  }
  return std::nullopt;
}

}  // namespace

bool card_is_in_a_list(const Provider& provider) {
  return provider.name != kGemini.name && provider.name != kOllama.name;
}

HttpRequest card_request(const Provider& provider, const Endpoint& endpoint) {
  HttpRequest request("GET", endpoint.url + "/models");
  if (provider.name == kGemini.name)
    request.url = endpoint.url + "/v1beta/models/" + percent_encode(endpoint.model);
  if (provider.name == kOllama.name) request = show_request(endpoint);
  if (endpoint.key.empty()) return request;
  request.headers.push_back(provider.name == kGemini.name
                                ? "x-goog-api-key: " + endpoint.key
                                : "Authorization: Bearer " + endpoint.key);
  return request;
}

std::optional<ModelCard> read_card(const Provider& provider, const Endpoint& endpoint,
                                   const HttpReply& reply) {
  const JsonDocument document = JsonDocument::parse(reply.body);
  const JsonValue root = document.root();
  if (!card_is_in_a_list(provider)) {
    if (root.type() != JsonValue::Type::object)
      throw Failure(Kind::bad_answer, "what it tells of the model is no object");
    return provider.name == kGemini.name ? card_of_gemini(root) : card_of_ollama(root);
  }
  if (root["data"].type() != JsonValue::Type::array)
    throw Failure(Kind::bad_answer, "its list of models is none");
  return card_in_list(root, endpoint.model);
}

}  // namespace ryumem
