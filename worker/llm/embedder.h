// The model that embeds: batches, the gate, the tries and the counting of every call, and the check
// that each text got its vector.
#pragma once

#include <string>
#include <vector>

#include "common/net/http_client.h"
#include "common/net/retry.h"
#include "common/ops/circuit.h"
#include "common/ops/counted.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "worker/providers/provider.h"

namespace ryumem {

class Embedder {
 public:
  /// All four outlive it.
  Embedder(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits);

  /// One vector per text, in their order, each of the configured length, as the text that
  /// read_vectors() takes: it is paid for, so it is kept before it is used. Throws Failure of the
  /// kinds that a provider can have; see provider.h.
  Task<std::string> embed(const std::vector<std::string>& texts, Cancel& cancel);

 private:
  Task<EmbeddingAnswer> embed_batch(const std::vector<std::string>& texts, Cancel& cancel);
  Task<EmbeddingAnswer> embed_once(const std::vector<std::string>& texts, Cancel& cancel);

  HttpClient& http_;
  Slot& slot_;
  Circuits& circuits_;
  const Provider& provider_;
  Endpoint endpoint_;
  std::size_t batch_;
  Millis call_timeout_;
  RetryPolicy policy_;
  ReadError read_error_;
};

}  // namespace ryumem
