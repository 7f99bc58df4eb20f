#include "worker/pipeline/extract.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/async/scope.h"
#include "common/base/text.h"
#include "worker/llm/embedded_text.h"
#include "worker/pipeline/text_reading.h"

namespace ryumem {
namespace {

// So many are embedded and stored at a time.
constexpr std::size_t kGroup = 256;

// What is to be embedded of the group that begins at `from`.
template <class Items>
std::vector<std::string> texts_of(const Items& items, std::size_t from) {
  std::vector<std::string> texts;
  for (std::size_t i = from; i < std::min(from + kGroup, items.size()); ++i)
    texts.push_back(embedded_text(items[i]));
  return texts;
}

// The journal's field for the vectors of a group: by whose they are and by what was embedded, so
// that those of another model are never taken for them, nor those of other texts. A journal may
// have been begun before the model was changed, or by a worker that has not heard of it yet.
std::string field_of(const char* step, const std::string& model,
                     const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += text + "\n";
  return fmt::format("{}:{}:{:016x}", step, model, stable_hash(joined));
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
  TextReading reading(model_, slot_, chunk_tokens_, job, once, cancel);
  Relationships relationships;

  attempt.enter(Step::extract_entities);
  const Entities entities = co_await reading.entities();

  if (!entities.empty()) {
    const Uuids uuids = co_await store(tenant, entities, attempt, once, cancel);

    attempt.enter(Step::extract_relationships);
    relationships = co_await reading.relationships(entities);
    relationships = without_self_edges(std::move(relationships), uuids);
    co_await store(job, tenant, relationships, uuids, attempt, once, cancel);
  }

  attempt.enter(Step::complete);
  ExtractionReport report;
  report.job_id = job.id;
  report.episode_uuid = job.episode_uuid;
  report.entities = static_cast<int>(entities.size());
  report.relationships = static_cast<int>(relationships.size());
  const auto tell = [&] { return graph_.extraction_complete(tenant, report, cancel); };
  co_await once.done(kReported, tell);

  Counts counts;
  counts.entities = report.entities;
  counts.relationships = report.relationships;
  co_return counts;
}

// Entities go to the server in groups, so that a text with thousands of them does not keep all of
// their vectors in memory. Upserts of a group go out together, and all of them come to their end
// even when one fails: a call that the server has carried out and whose answer we left unread would
// be carried out again.
Task<Extraction::Uuids> Extraction::store(const Tenant& tenant, const Entities& entities,
                                          Attempt& attempt, Once& once, Cancel& cancel) {
  Uuids uuids;
  for (const Entity& entity : entities) uuids[entity.name];
  for (std::size_t from = 0; from < entities.size(); from += kGroup) {
    attempt.enter(Step::embed_entities);
    const std::vector<std::string> texts = texts_of(entities, from);
    const Vectors vectors =
        co_await vectors_of("entity_vectors", tenant.customer_id, texts, once, cancel);

    attempt.enter(Step::upsert_entities);
    Scope scope;
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      const Entity& entity = entities[from + i];
      scope.spawn(upsert_entity(tenant, entity, vectors[i], uuids[entity.name], once, cancel));
    }
    co_await scope.join();
  }
  co_return uuids;
}

Task<> Extraction::store(const Job& job, const Tenant& tenant, const Relationships& relationships,
                         const Uuids& uuids, Attempt& attempt, Once& once, Cancel& cancel) {
  std::size_t from = 0;
  do {
    attempt.enter(Step::embed_facts);
    const std::vector<std::string> texts = texts_of(relationships, from);
    const Vectors vectors =
        co_await vectors_of("fact_vectors", tenant.customer_id, texts, once, cancel);

    attempt.enter(Step::upsert_relationships);
    Scope scope;
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      const Relationship& relationship = relationships[from + i];
      RelationshipUpsert upsert;
      upsert.source_uuid = uuids.at(relationship.source);
      upsert.destination_uuid = uuids.at(relationship.destination);
      upsert.type = relationship.type;
      upsert.fact = relationship.fact;
      upsert.vector = vectors[i].text();
      upsert.episode_uuid = job.episode_uuid;
      scope.spawn(upsert_relationship(tenant, upsert, once, cancel));
    }
    co_await scope.join();
    from += kGroup;
  } while (from < relationships.size());
}

// The server may have found that two names are one entity; what it would then say of itself is not
// paid for.
Relationships Extraction::without_self_edges(Relationships relationships, const Uuids& uuids) {
  Relationships kept;
  for (Relationship& one : relationships)
    if (uuids.at(one.source) == uuids.at(one.destination))
      slot_.dropped[Dropped::self_edge].add();
    else
      kept.push_back(std::move(one));
  return kept;
}

// In the journal, vectors are the text {"vectors":[[…],[…]]}, and from there they are cut again.
Task<Vectors> Extraction::vectors_of(const char* step, std::string customer,
                                     std::vector<std::string> texts, Once& once, Cancel& cancel) {
  if (texts.empty()) co_return Vectors();
  const std::string field = field_of(step, embedder_.model(), texts);
  const auto ask = [&] { return embedder_.embed(Payer(customer, once.tally()), texts, cancel); };
  for (bool again = false;; again = true) {
    const std::string answer = co_await once.paid(field, ask);
    Vectors vectors = read_vectors(answer);
    if (vectors.size() == texts.size()) co_return vectors;
    co_await once.forget(field);
    if (again) throw Failure(Kind::bad_answer, "there is not one vector for each text");
  }
}

Task<> Extraction::upsert_entity(const Tenant& tenant, const Entity& entity, const Vector& vector,
                                 std::string& uuid, Once& once, Cancel& cancel) {
  const EntityUpsert upsert(entity.name, entity.type, vector.text());
  const auto act = [&] { return graph_.upsert_entity(tenant, upsert, cancel); };
  uuid = co_await once.done("uuid:" + entity.name, act);
}

Task<> Extraction::upsert_relationship(const Tenant& tenant, RelationshipUpsert upsert, Once& once,
                                       Cancel& cancel) {
  const auto act = [&] { return graph_.upsert_relationship(tenant, upsert, cancel); };
  co_await once.done(field_of(upsert), act);
}

}  // namespace ryumem
