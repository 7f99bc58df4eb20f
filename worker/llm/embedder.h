// The model that embeds: what is known already, the gathering of the rest, and the counting of
// every call and the check that each text got its vector.
#pragma once

#include <string>
#include <vector>

#include "common/net/http_client.h"
#include "common/ops/circuit.h"
#include "common/ops/counted.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "worker/llm/embedding_cache.h"
#include "worker/llm/gatherer.h"
#include "worker/providers/provider.h"

namespace ryumem {

class Embedder {
 public:
  /// All four outlive it.
  Embedder(HttpClient& http, const Settings& settings, Slot& slot, Circuits& circuits);

  /// One vector per text, in their order, each of the configured length, as the text that
  /// read_vectors() takes: it is paid for, so it is kept before it is used. A text that is there
  /// twice, or that the cache has, is not asked for. Throws Failure of the kinds that a provider
  /// can have; see provider.h.
  Task<std::string> embed(const std::vector<std::string>& texts, Cancel& cancel);

 private:
  std::vector<std::string> unknown(const std::vector<std::string>& lines, VectorsByText& known);
  Task<> ask_for(const std::vector<std::string>& texts, VectorsByText& known, Cancel& cancel);
  Task<VectorsByText> send(const std::vector<std::string>& texts, Cancel& cancel);

  HttpClient& http_;
  Slot& slot_;
  const Provider& provider_;
  Endpoint endpoint_;
  Millis call_timeout_;
  ReadError read_error_;
  EmbeddingCache cache_;
  Gatherer gatherer_;
};

}  // namespace ryumem
