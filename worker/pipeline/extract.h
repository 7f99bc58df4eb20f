// The extraction of one episode, step by step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/queue/job.h"
#include "worker/graph/graph_server.h"
#include "worker/llm/chat_model.h"
#include "worker/llm/embedder.h"
#include "worker/llm/facts.h"
#include "worker/llm/vectors.h"
#include "worker/pipeline/once.h"
#include "worker/pipeline/steps.h"

namespace ryumem {

/// The journal's field that says that the server has heard of the end.
inline constexpr const char* kReported = "reported";

/// What came out of an episode.
struct Counts {
  int entities = 0;
  int relationships = 0;
  Counts() = default;
};

class Extraction {
 public:
  /// All outlive it. `chunk_tokens`: how much of a text is asked about at once.
  Extraction(ChatModel& model, Embedder& embedder, GraphServer& graph, Slot& slot, int chunk_tokens)
      : model_(model),
        embedder_(embedder),
        graph_(graph),
        slot_(slot),
        chunk_tokens_(static_cast<std::size_t>(chunk_tokens)) {}

  /// Does the whole of it, up to the server's acknowledgement of the episode, beginning at the
  /// first step that `once` has nothing of. Nothing is counted that was not stored; any failure is
  /// thrown, and then the episode was not reported complete.
  Task<Counts> run(const Job& job, Attempt& attempt, Once& once, Cancel& cancel);

 private:
  using Uuids = std::map<std::string, std::string>;  // by the entity's name

  Task<Vectors> vectors_of(const char* step, std::string customer, std::vector<std::string> texts,
                           Once& once, Cancel& cancel);
  Task<Uuids> store(const Tenant& tenant, const Entities& entities, Attempt& attempt, Once& once,
                    Cancel& cancel);
  Task<> store(const Job& job, const Tenant& tenant, const Relationships& relationships,
               const Uuids& uuids, Attempt& attempt, Once& once, Cancel& cancel);
  Relationships without_self_edges(Relationships relationships, const Uuids& uuids);
  Task<> upsert_entity(const Tenant& tenant, const Entity& entity, const Vector& vector,
                       std::string& uuid, Once& once, Cancel& cancel);
  Task<> upsert_relationship(const Tenant& tenant, RelationshipUpsert upsert, Once& once,
                             Cancel& cancel);

  ChatModel& model_;
  Embedder& embedder_;
  GraphServer& graph_;
  Slot& slot_;
  std::size_t chunk_tokens_;
};

}  // namespace ryumem
