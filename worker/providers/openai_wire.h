// OpenAI's wire, chat/completions and embeddings, which half the world speaks: OpenAI itself, the
// LiteLLM proxy, vLLM, llama.cpp, LM Studio. Facts from openai-python 3.3 and OpenAI's
// openapi.yaml.
#pragma once

#include <string>
#include <vector>

#include "worker/providers/provider.h"

namespace ryumem::openai {

HttpRequest chat_request(const Endpoint& endpoint, const ChatQuestion& question,
                         const Manner& manner);
ChatAnswer read_chat(const HttpReply& reply);
Objection objection(const Endpoint& endpoint, const HttpReply& reply, const Manner& manner);
HttpRequest embedding_request(const Endpoint& endpoint, const std::vector<std::string>& texts);
EmbeddingAnswer read_embedding(HttpReply reply);

/// At most 2048 texts, 300 000 tokens in all, 8192 in one.
inline constexpr EmbeddingLimits kEmbeddingLimits{2048, 300'000, 8192};

}  // namespace ryumem::openai
