// The model, asked in our words. Here are the gate, the tries and the counting of every model call;
// what goes over the wire is the provider's affair.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_client.h"
#include "common/net/retry.h"
#include "common/ops/circuit.h"
#include "common/ops/counted.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "common/queue/job.h"
#include "worker/llm/facts.h"
#include "worker/providers/provider.h"

namespace ryumem {

/// An embedding as the text of its numbers. It shares the reply it was cut from; it is never turned
/// into numbers on its way to the server.
class Vector {
 public:
  Vector(std::shared_ptr<const std::string> document, std::string_view text)
      : document_(std::move(document)), text_(text) {}
  /// "[0.12,-0.4,…]"
  std::string_view text() const { return text_; }

 private:
  std::shared_ptr<const std::string> document_;
  std::string_view text_;
};

using Vectors = std::vector<Vector>;

/// The vectors in what Llm::embed gave. Throws Failure(Kind::bad_answer).
Vectors read_vectors(std::string answer);

class Llm {
 public:
  /// All four outlive it.
  Llm(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits);

  // What the model says, as text: it is paid for, so it is kept before it is looked at. Throws
  // Failure of the kinds that a provider can have; see provider.h.

  /// For a question of prompts.h.
  Task<std::string> chat(ChatQuestion question, Cancel& cancel);
  /// One vector per text, in their order, each of the configured length: for read_vectors().
  Task<std::string> embed(const std::vector<std::string>& texts, Cancel& cancel);

 private:
  Task<ChatAnswer> chat_once(const ChatQuestion& question, Cancel& cancel);
  Task<EmbeddingAnswer> embed_batch(const std::vector<std::string>& texts, Cancel& cancel);
  Task<EmbeddingAnswer> embed_once(const std::vector<std::string>& texts, Cancel& cancel);

  HttpClient& http_;
  Slot& slot_;
  Circuits& circuits_;
  const Provider& chat_provider_;
  const Provider& embedding_provider_;
  Endpoint chat_endpoint_;
  Endpoint embedding_endpoint_;
  std::size_t batch_;
  Millis call_timeout_;
  RetryPolicy policy_;
  ReadError read_chat_error_;
  ReadError read_embedding_error_;
};

}  // namespace ryumem
