// The LiteLLM proxy: OpenAI's wire in front of many providers. Facts from litellm's proxy sources.
#include "worker/providers/error_body.h"
#include "worker/providers/openai_wire.h"
#include "worker/providers/wire_parts.h"

namespace ryumem {
namespace {

// "litellm_proxy/" tells LiteLLM's library to use the proxy; the proxy itself does not know it.
Endpoint without_prefix(Endpoint endpoint) {
  constexpr std::string_view kPrefix = "litellm_proxy/";
  if (endpoint.model.starts_with(kPrefix)) endpoint.model.erase(0, kPrefix.size());
  return endpoint;
}

// We try again ourselves; if it did as well, each of our tries would be several.
HttpRequest without_retries(HttpRequest request) {
  request.headers.push_back("x-litellm-num-retries: 0");
  return request;
}

HttpRequest chat_request(const Endpoint& endpoint, const ChatQuestion& question,
                         const Manner& manner) {
  return without_retries(openai::chat_request(without_prefix(endpoint), question, manner));
}

HttpRequest embedding_request(const Endpoint& endpoint, const std::vector<std::string>& texts) {
  return without_retries(openai::embedding_request(without_prefix(endpoint), texts));
}

Failure read_error(const Endpoint& endpoint, const HttpReply& reply) {
  return with_advice(failure_of_error(reply, endpoint.key), endpoint, reply.status,
                     "LITELLM_PROXY_API_KEY and LITELLM_PROXY_API_BASE");
}

Endpoint endpoint(const Settings& settings) {
  Endpoint out;
  out.url = settings.litellm_url;
  out.key = settings.litellm_api_key;
  out.of_the_vendor = false;
  out.tokens_field = settings.tokens_field;
  out.effort = settings.reasoning_effort;
  out.answer_tokens = settings.answer_tokens;
  return out;
}

}  // namespace

const Provider kLiteLlm = {
    "litellm",
    openai::kEmbeddingLimits,
    true,
    endpoint,
    chat_request,
    openai::read_chat,
    openai::objection,
    embedding_request,
    openai::read_embedding,
    read_error,
    rates_of,
};

}  // namespace ryumem
