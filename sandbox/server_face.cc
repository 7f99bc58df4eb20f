#include "sandbox/server_face.h"

#include "common/base/json_build.h"
#include "sandbox/validation.h"

namespace ryumem::sandbox {
namespace {

constexpr std::string_view kEpisodes = "/internal/episodes/";
constexpr std::string_view kComplete = "/extraction-complete";

HttpAnswer detail(int status, const std::string& what) {
  JsonBuilder body = JsonBuilder::object();
  body.string("detail", what);
  return HttpAnswer(status, body.print());
}

}  // namespace

HttpAnswer ServerFace::answer(const HttpQuery& query) {
  const std::string& path = query.path;
  const bool stats = path == "/internal/queue/stats";
  const bool entity = path == "/internal/entities/upsert";
  const bool relationship = path == "/internal/relationships/upsert";
  const bool complete = path.size() > kEpisodes.size() + kComplete.size() &&
                        path.starts_with(kEpisodes) && path.ends_with(kComplete);
  if (!stats && !entity && !relationship && !complete) return detail(404, "Not Found");
  if (query.method != (stats ? "GET" : "POST")) return detail(405, "Method Not Allowed");
  if (!internal_key_.empty() && query.header("x-internal-key") != internal_key_)
    return detail(403, "Invalid internal key");
  if (entity) return upsert_entity(query.body);
  if (relationship) return upsert_relationship(query.body);
  if (complete)
    return extraction_complete(
        path.substr(kEpisodes.size(), path.size() - kEpisodes.size() - kComplete.size()),
        query.body);
  // The queue is in Redis, of which this stand-in knows nothing, and it says so.
  JsonBuilder body = JsonBuilder::object();
  body.integer("pending", 0).integer("processing", 0).string("error", "no queue in the sandbox");
  return HttpAnswer(200, body.print());
}

HttpAnswer ServerFace::upsert_entity(const std::string& body) {
  Validation form(body);
  Entity entity;
  entity.name = form.string("name");
  entity.type = form.string("entity_type");
  entity.vector = form.numbers("name_embedding");
  GraphStore::Owner owner;
  owner.user_id = form.string("user_id");
  owner.customer_id = form.string("customer_id");
  const double threshold = form.number("similarity_threshold", 0.65);
  entity.summary = form.optional_string("summary");
  if (!form.passed()) return form.refusal();
  try {
    const auto [kept, is_new] = store_.upsert_entity(owner, std::move(entity), threshold);
    JsonBuilder answer = JsonBuilder::object();
    answer.string("uuid", kept.uuid)
        .string("name", kept.name)
        .boolean("is_new", is_new)
        .integer("mentions", kept.mentions);
    return HttpAnswer(200, answer.print());
  } catch (const UpsertError& error) {
    return detail(500, std::string("Error upserting entity: ") + error.what());
  }
}

HttpAnswer ServerFace::upsert_relationship(const std::string& body) {
  Validation form(body);
  Relationship relationship;
  relationship.source = form.string("source_entity_uuid");
  relationship.target = form.string("target_entity_uuid");
  relationship.type = form.string("relation_type");
  relationship.fact = form.string("fact");
  relationship.vector = form.numbers("fact_embedding");
  relationship.episode = form.string("episode_uuid");
  GraphStore::Owner owner;
  owner.user_id = form.string("user_id");
  owner.customer_id = form.string("customer_id");
  const double threshold = form.number("similarity_threshold", 0.8);
  if (!form.passed()) return form.refusal();
  try {
    const auto [kept, is_new] =
        store_.upsert_relationship(owner, std::move(relationship), threshold);
    JsonBuilder answer = JsonBuilder::object();
    answer.string("uuid", kept.uuid).boolean("is_new", is_new).integer("mentions", kept.mentions);
    return HttpAnswer(200, answer.print());
  } catch (const UpsertError& error) {
    return detail(500, std::string("Error upserting relationship: ") + error.what());
  }
}

HttpAnswer ServerFace::extraction_complete(const std::string& episode_uuid,
                                           const std::string& body) {
  Validation form(body);
  Episode episode;
  episode.job_id = form.string("job_id");
  episode.entities = form.integer("entities_count");
  episode.relationships = form.integer("relationships_count");
  episode.customer_id = form.string("customer_id");
  episode.error = form.optional_string("error");
  if (!form.passed()) return form.refusal();
  if (store_.absent(episode_uuid)) return detail(404, "Episode not found: " + episode_uuid);
  JsonBuilder answer = JsonBuilder::object();
  answer.string("episode_uuid", episode_uuid)
      .string("status", episode.error.empty() ? "completed" : "failed")
      .integer("entities_count", episode.entities)
      .integer("relationships_count", episode.relationships);
  store_.finish_episode(episode_uuid, std::move(episode));
  return HttpAnswer(200, answer.print());
}

}  // namespace ryumem::sandbox
