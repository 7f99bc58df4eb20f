// The extraction of one episode, step by step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/queue/job.h"
#include "worker/graph/graph_server.h"
#include "worker/llm/llm.h"
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
  Extraction(Llm& llm, GraphServer& graph) : llm_(llm), graph_(graph) {}

  /// Does the whole of it, up to the server's acknowledgement of the episode. Nothing is counted
  /// that was not stored; any failure is thrown, and then the episode was not reported complete.
  Task<Counts> run(const Job& job, Attempt& attempt, Cancel& cancel);

 private:
  Task<std::vector<std::string>> upsert_all(const Tenant& tenant, const Entities& entities,
                                            const Vectors& vectors, Cancel& cancel);
  Task<> upsert_one(const Tenant& tenant, const Entity& entity, const Vector& vector,
                    std::string& uuid, Cancel& cancel);
  Task<> upsert_all(const Tenant& tenant, const Job& job, const Relationships& relationships,
                    const Vectors& vectors, const std::map<std::string, std::string>& uuids,
                    Cancel& cancel);
  Task<> upsert_one(const Tenant& tenant, RelationshipUpsert upsert, Cancel& cancel);

  Llm& llm_;
  GraphServer& graph_;
};

}  // namespace ryumem
