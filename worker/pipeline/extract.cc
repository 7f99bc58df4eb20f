#include "worker/pipeline/extract.h"

#include "common/async/scope.h"

namespace ryumem {
namespace {

std::vector<std::string> texts_of(const Entities& entities) {
  std::vector<std::string> texts;
  for (const Entity& entity : entities) texts.push_back(entity.name + " (" + entity.type + ")");
  return texts;
}

std::vector<std::string> texts_of(const Relationships& relationships) {
  std::vector<std::string> texts;
  for (const Relationship& relationship : relationships) texts.push_back(relationship.fact);
  return texts;
}

std::map<std::string, std::string> uuids_by_name(const Entities& entities,
                                                 const std::vector<std::string>& uuids) {
  std::map<std::string, std::string> by_name;
  for (std::size_t i = 0; i < entities.size(); ++i) by_name[entities[i].name] = uuids[i];
  return by_name;
}

}  // namespace

Task<Counts> Extraction::run(const Job& job, Attempt& attempt, Cancel& cancel) {
  const Tenant tenant(job.user_id, job.customer_id, job.api_key);
  Relationships relationships;

  attempt.enter(Step::extract_entities);
  const Entities entities = co_await llm_.extract_entities(job, cancel);

  if (!entities.empty()) {
    attempt.enter(Step::embed_entities);
    const Vectors entity_vectors = co_await llm_.embed(texts_of(entities), cancel);

    attempt.enter(Step::upsert_entities);
    const std::vector<std::string> uuids =
        co_await upsert_all(tenant, entities, entity_vectors, cancel);

    attempt.enter(Step::extract_relationships);
    relationships = co_await llm_.extract_relationships(job, entities, cancel);

    attempt.enter(Step::embed_facts);
    const Vectors fact_vectors = co_await llm_.embed(texts_of(relationships), cancel);

    attempt.enter(Step::upsert_relationships);
    const std::map<std::string, std::string> by_name = uuids_by_name(entities, uuids);
    co_await upsert_all(tenant, job, relationships, fact_vectors, by_name, cancel);
  }

  attempt.enter(Step::complete);
  ExtractionReport report;
  report.job_id = job.id;
  report.episode_uuid = job.episode_uuid;
  report.entities = static_cast<int>(entities.size());
  report.relationships = static_cast<int>(relationships.size());
  co_await graph_.extraction_complete(tenant, report, cancel);

  Counts counts;
  counts.entities = report.entities;
  counts.relationships = report.relationships;
  co_return counts;
}

// Upserts go out together, and all of them come to their end even when one fails: a call that the
// server has carried out and whose answer we left unread would be carried out again.
Task<std::vector<std::string>> Extraction::upsert_all(const Tenant& tenant,
                                                      const Entities& entities,
                                                      const Vectors& vectors, Cancel& cancel) {
  std::vector<std::string> uuids(entities.size());
  Scope scope;
  for (std::size_t i = 0; i < entities.size(); ++i)
    scope.spawn(upsert_one(tenant, entities[i], vectors[i], uuids[i], cancel));
  co_await scope.join();
  co_return uuids;
}

Task<> Extraction::upsert_one(const Tenant& tenant, const Entity& entity, const Vector& vector,
                              std::string& uuid, Cancel& cancel) {
  const EntityUpsert upsert(entity.name, entity.type, vector.text());
  uuid = co_await graph_.upsert_entity(tenant, upsert, cancel);
}

Task<> Extraction::upsert_all(const Tenant& tenant, const Job& job,
                              const Relationships& relationships, const Vectors& vectors,
                              const std::map<std::string, std::string>& uuids, Cancel& cancel) {
  Scope scope;
  for (std::size_t i = 0; i < relationships.size(); ++i) {
    RelationshipUpsert upsert;
    upsert.source_uuid = uuids.at(relationships[i].source);
    upsert.destination_uuid = uuids.at(relationships[i].destination);
    upsert.type = relationships[i].type;
    upsert.fact = relationships[i].fact;
    upsert.vector = vectors[i].text();
    upsert.episode_uuid = job.episode_uuid;
    scope.spawn(upsert_one(tenant, upsert, cancel));
  }
  co_await scope.join();
}

Task<> Extraction::upsert_one(const Tenant& tenant, RelationshipUpsert upsert, Cancel& cancel) {
  co_await graph_.upsert_relationship(tenant, upsert, cancel);
}

}  // namespace ryumem
