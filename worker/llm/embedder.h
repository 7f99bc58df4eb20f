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
#include "worker/llm/billing.h"
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
  Task<std::string> embed(Payer payer, const std::vector<std::string>& texts, Cancel& cancel);

  /// Whose vectors it gives, as one word: "ollama/nomic-embed-text/768". Those of another word are
  /// not to be mixed with them.
  std::string model() const;

  /// From now on every call is accounted for there; without it, none is. It outlives this.
  void account_to(Billing& billing) { billing_ = &billing; }
  /// From now on every request waits for its turn there; without it, none does. It outlives this.
  void govern_by(Lane& lane) { gatherer_.govern_by(lane); }

 private:
  std::vector<std::string> unknown(const std::vector<std::string>& lines, VectorsByText& known);
  Task<> ask_for(Payer payer, const std::vector<std::string>& texts, VectorsByText& known,
                 Cancel& cancel);
  Task<VectorsByText> send(const Cargo& cargo, Cancel& cancel);
  void bill(const Cargo& cargo, std::int64_t tokens);
  std::optional<NanoUsd> bill_customers(const std::map<std::string, std::int64_t>& lengths,
                                        std::int64_t left_over, std::int64_t tokens);

  HttpClient& http_;
  Slot& slot_;
  const Provider& provider_;
  Endpoint endpoint_;
  Millis call_timeout_;
  ReadError read_error_;
  EmbeddingCache cache_;
  Gatherer gatherer_;
  Billing* billing_ = nullptr;
};

}  // namespace ryumem
