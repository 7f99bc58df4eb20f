// OpenAI, and what answers at OPENAI_BASE_URL in its place: vLLM, llama.cpp, LM Studio, Ollama's
// /v1.
#include "common/ops/known_models.h"
#include "worker/providers/error_body.h"
#include "worker/providers/openai_wire.h"
#include "worker/providers/wire_parts.h"

namespace ryumem {
namespace {

Failure read_error(const Endpoint& endpoint, const HttpReply& reply) {
  return with_advice(failure_of_error(reply, endpoint.key), endpoint, reply.status,
                     "OPENAI_API_KEY and OPENAI_BASE_URL");
}

Endpoint endpoint(const Settings& settings) {
  Endpoint out;
  out.url = settings.openai_url;
  out.key = settings.openai_api_key;
  out.of_the_vendor = is_openai_itself(settings);
  out.tokens_field = settings.tokens_field;
  out.effort = settings.reasoning_effort;
  out.answer_tokens = settings.answer_tokens;
  if (out.of_the_vendor) {
    // A server of one's own may have a smaller window, and refuses what does not fit into it.
    if (out.answer_tokens == 0) out.answer_tokens = kAnswerTokens;
    // Models that think are told not to; one that knows no such word says so, and is not told
    // again.
    const std::string& model = settings.llm_model;
    if (out.effort.empty() && (model.starts_with("gpt-5") || model.starts_with("gpt-6")))
      out.effort = "none";
  }
  return out;
}

}  // namespace

const Provider kOpenAi = {
    "openai",
    openai::kEmbeddingLimits,
    true,
    endpoint,
    openai::chat_request,
    openai::read_chat,
    openai::objection,
    openai::embedding_request,
    openai::read_embedding,
    read_error,
    rates_of,
};

}  // namespace ryumem
