#include "worker/pipeline/extract.h"

#include <fmt/format.h>

#include "common/async/scope.h"
#include "common/base/text.h"
#include "worker/llm/answer.h"
#include "worker/llm/prompts.h"

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

// The journal's field for a relationship: by what it says, not by its number, since another
// owner's answer may number it differently.
std::string field_of(const RelationshipUpsert& upsert) {
  return fmt::format("fact:{:016x}",
                     stable_hash(fmt::format("{}\n{}\n{}\n{}", upsert.source_uuid, upsert.type,
                                             upsert.destination_uuid, upsert.fact)));
}

}  // namespace

Task<Counts> Extraction::run(const Job& job, Attempt& attempt, Once& once, Cancel& cancel) {
  const Tenant tenant(job.user_id, job.customer_id, job.api_key);
  Relationships relationships;

  attempt.enter(Step::extract_entities);
  const Entities entities = co_await entities_of(job, once, cancel);

  if (!entities.empty()) {
    attempt.enter(Step::embed_entities);
    const Vectors entity_vectors =
        co_await vectors_of("entity_vectors", texts_of(entities), once, cancel);

    attempt.enter(Step::upsert_entities);
    const Uuids uuids = co_await upsert_entities(tenant, entities, entity_vectors, once, cancel);

    attempt.enter(Step::extract_relationships);
    relationships = co_await relationships_of(job, entities, once, cancel);

    attempt.enter(Step::embed_facts);
    const Vectors fact_vectors =
        co_await vectors_of("fact_vectors", texts_of(relationships), once, cancel);

    attempt.enter(Step::upsert_relationships);
    co_await upsert_relationships(job, tenant, relationships, fact_vectors, uuids, once, cancel);
  }

  attempt.enter(Step::complete);
  ExtractionReport report;
  report.job_id = job.id;
  report.episode_uuid = job.episode_uuid;
  report.entities = static_cast<int>(entities.size());
  report.relationships = static_cast<int>(relationships.size());
  const auto tell = [&] { return graph_.extraction_complete(tenant, report, cancel); };
  co_await once.done("reported", tell);

  Counts counts;
  counts.entities = report.entities;
  counts.relationships = report.relationships;
  co_return counts;
}

Task<Entities> Extraction::entities_of(const Job& job, Once& once, Cancel& cancel) {
  const auto read = [&](const std::string& answer) {
    return read_entities(answer, job.user_id, slot_.dropped);
  };
  co_return co_await asked<Entities>("entities", ask_for_entities(job), read, once, cancel);
}

Task<Relationships> Extraction::relationships_of(const Job& job, const Entities& entities,
                                                 Once& once, Cancel& cancel) {
  const auto read = [&](const std::string& answer) {
    return read_relationships(answer, entities, job.user_id, slot_.dropped);
  };
  co_return co_await asked<Relationships>("relationships", ask_for_relationships(job, entities),
                                          read, once, cancel);
}

// An answer that cannot be used is asked for once more, with the reason; a second one like it ends
// the attempt. The journal never keeps an answer that cannot be used.
template <class Result, class Read>
Task<Result> Extraction::asked(std::string step, ChatQuestion question, Read read, Once& once,
                               Cancel& cancel) {
  for (bool again = false;; again = true) {
    const auto ask = [&] { return model_.ask(question, cancel); };
    const std::string answer = co_await once.paid(step, ask);
    std::optional<Failure> unusable;
    try {
      co_return read(answer);
    } catch (const Failure& failure) {
      unusable = failure;
    }
    co_await once.forget(step);
    if (again) throw *unusable;
    question = ask_again(std::move(question), unusable->what());
  }
}

// In the journal, vectors are the text {"vectors":[[…],[…]]}, and from there they are cut again.
Task<Vectors> Extraction::vectors_of(std::string step, std::vector<std::string> texts, Once& once,
                                     Cancel& cancel) {
  if (texts.empty()) co_return Vectors();
  const auto ask = [&] { return embedder_.embed(texts, cancel); };
  const std::string answer = co_await once.paid(step, ask);
  Vectors vectors = read_vectors(answer);
  if (vectors.size() == texts.size()) co_return vectors;
  co_await once.forget(step);
  throw Failure(Kind::bad_answer, "the journal's " + step + " are not those of this answer");
}

// Upserts go out together, and all of them come to their end even when one fails: a call that the
// server has carried out and whose answer we left unread would be carried out again.
Task<Extraction::Uuids> Extraction::upsert_entities(const Tenant& tenant, const Entities& entities,
                                                    const Vectors& vectors, Once& once,
                                                    Cancel& cancel) {
  Uuids uuids;
  for (const Entity& entity : entities) uuids[entity.name];
  Scope scope;
  for (std::size_t i = 0; i < entities.size(); ++i)
    scope.spawn(
        upsert_entity(tenant, entities[i], vectors[i], uuids[entities[i].name], once, cancel));
  co_await scope.join();
  co_return uuids;
}

Task<> Extraction::upsert_entity(const Tenant& tenant, const Entity& entity, const Vector& vector,
                                 std::string& uuid, Once& once, Cancel& cancel) {
  const EntityUpsert upsert(entity.name, entity.type, vector.text());
  const auto act = [&] { return graph_.upsert_entity(tenant, upsert, cancel); };
  uuid = co_await once.done("uuid:" + entity.name, act);
}

Task<> Extraction::upsert_relationships(const Job& job, const Tenant& tenant,
                                        const Relationships& relationships, const Vectors& vectors,
                                        const Uuids& uuids, Once& once, Cancel& cancel) {
  Scope scope;
  for (std::size_t i = 0; i < relationships.size(); ++i) {
    RelationshipUpsert upsert;
    upsert.source_uuid = uuids.at(relationships[i].source);
    upsert.destination_uuid = uuids.at(relationships[i].destination);
    upsert.type = relationships[i].type;
    upsert.fact = relationships[i].fact;
    upsert.vector = vectors[i].text();
    upsert.episode_uuid = job.episode_uuid;
    scope.spawn(upsert_relationship(tenant, upsert, once, cancel));
  }
  co_await scope.join();
}

Task<> Extraction::upsert_relationship(const Tenant& tenant, RelationshipUpsert upsert, Once& once,
                                       Cancel& cancel) {
  const auto act = [&] { return graph_.upsert_relationship(tenant, upsert, cancel); };
  co_await once.done(field_of(upsert), act);
}

}  // namespace ryumem
