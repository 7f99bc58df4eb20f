// One episode that the sandbox reads in the same way every time, and where to hit each step of it.
#pragma once

#include <cstdint>
#include <string>

#include "common/ops/scoreboard.h"
#include "common/queue/job.h"

namespace ryumem::test {

inline constexpr const char* kEpisodeText = "Alice met Bob in Paris.";

/// The model's answers: three entities, two relationships.
inline constexpr const char* kEpisodeScript = R"json({"chat":[
  {"contains":"Alice met Bob","question":"entities","answer":{"entities":[
      {"entity":"Alice","entity_type":"person"},{"entity":"Bob","entity_type":"person"},
      {"entity":"Paris","entity_type":"location"}]}},
  {"contains":"Alice met Bob","question":"relationships","answer":{"relationships":[
      {"source":"Alice","relationship":"met","destination":"Bob","fact":"Alice met Bob."},
      {"source":"Alice","relationship":"was in","destination":"Paris","fact":"Alice was there."}
  ]}}],
  "embeddings":{"alice (PERSON)":[1,0,0,0],"bob (PERSON)":[0,1,0,0],"paris (LOCATION)":[0,0,1,0],
                "Alice met Bob.":[0.6,0.8,0,0],"Alice was there.":[0,0,0.6,0.8]}})json";

/// `body` as the producer writes it, for the job `id`.
inline Job episode_job(const std::string& id, int retry_count = 0) {
  Job job;
  job.id = id;
  job.episode_uuid = "e-" + id;
  job.content = kEpisodeText;
  job.user_id = "user_1";
  job.customer_id = "acme";
  job.api_key = "ryu_k";
  job.retry_count = retry_count;
  job.max_retries = 3;
  return job;
}

/// A step that calls somebody, and what picks its calls out in a rule of the sandbox's faults.
struct Target {
  Step step;
  const char* rule;  // the beginning of the rule
};
inline constexpr Target kTargets[] = {
    {Step::extract_entities, R"("path":"/api/chat","contains":"entity_type")"},
    {Step::embed_entities, R"("path":"/api/embed","contains":"(PERS")"},
    {Step::upsert_entities, R"("path":"/internal/entities/upsert","contains":"\"bob\"")"},
    {Step::extract_relationships, R"("path":"/api/chat","contains":"destination")"},
    {Step::embed_facts, R"("path":"/api/embed","contains":"Alice met Bob.")"},
    {Step::upsert_relationships, R"("path":"/internal/relationships","contains":"WAS_IN")"},
    // The report of success, not that of a failure.
    {Step::complete, R"("path":"/internal/episodes","contains":"\"error\":null")"},
};

inline std::uint64_t observed(const Durations& durations) {
  std::uint64_t sum = 0;
  for (const Count& bucket : durations.buckets) sum += bucket.load();
  return sum;
}

}  // namespace ryumem::test
