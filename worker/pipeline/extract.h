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

/// What came out of an episode.
struct Counts {
  int entities = 0;
  int relationships = 0;
  Counts() = default;
};

class Extraction {
 public:
  /// All outlive it.
  Extraction(ChatModel& model, Embedder& embedder, GraphServer& graph, Slot& slot)
      : model_(model), embedder_(embedder), graph_(graph), slot_(slot) {}

  /// Does the whole of it, up to the server's acknowledgement of the episode, beginning at the
  /// first step that `once` has nothing of. Nothing is counted that was not stored; any failure is
  /// thrown, and then the episode was not reported complete.
  Task<Counts> run(const Job& job, Attempt& attempt, Once& once, Cancel& cancel);

 private:
  using Uuids = std::map<std::string, std::string>;  // by the entity's name

  Task<Entities> entities_of(const Job& job, Once& once, Cancel& cancel);
  Task<Relationships> relationships_of(const Job& job, const Entities& entities, Once& once,
                                       Cancel& cancel);
  template <class Result, class Read>
  Task<Result> asked(std::string step, ChatQuestion question, Read read, Once& once,
                     Cancel& cancel);
  Task<Vectors> vectors_of(std::string step, std::vector<std::string> texts, Once& once,
                           Cancel& cancel);
  Task<Uuids> upsert_entities(const Tenant& tenant, const Entities& entities,
                              const Vectors& vectors, Once& once, Cancel& cancel);
  Task<> upsert_relationships(const Job& job, const Tenant& tenant,
                              const Relationships& relationships, const Vectors& vectors,
                              const Uuids& uuids, Once& once, Cancel& cancel);
  Task<> upsert_entity(const Tenant& tenant, const Entity& entity, const Vector& vector,
                       std::string& uuid, Once& once, Cancel& cancel);
  Task<> upsert_relationship(const Tenant& tenant, RelationshipUpsert upsert, Once& once,
                             Cancel& cancel);

  ChatModel& model_;
  Embedder& embedder_;
  GraphServer& graph_;
  Slot& slot_;
};

}  // namespace ryumem
