#include "sandbox/graph_store.h"

#include <fmt/format.h>

#include "common/base/text.h"
#include "sandbox/vectors.h"

namespace ryumem::sandbox {
namespace {

std::uint64_t key_of(const std::vector<float>& vector, const std::string& ends) {
  std::string bytes = ends;
  bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float));
  return stable_hash(bytes);
}

}  // namespace

void GraphStore::check_length(const std::vector<float>& vector) const {
  if (vector.size() != dimensions_)
    throw UpsertError(fmt::format("vector dimension mismatch: this database has {}, got {}",
                                  dimensions_, vector.size()));
}

// Different in every call, and the same in every run. Shaped as a UUID of version 4.
std::string GraphStore::new_uuid() {
  ++last_uuid_;
  const std::uint64_t high = stable_hash(fmt::format("high {}", last_uuid_));
  const std::uint64_t low = stable_hash(fmt::format("low {}", last_uuid_));
  return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:04x}{:08x}", high >> 32,
                     (high >> 16) & 0xFFFF, high & 0xFFF, low >> 52, (low >> 32) & 0xFFFF,
                     last_uuid_ & 0xFFFFFFFF);
}

std::pair<const Entity&, bool> GraphStore::upsert_entity(const Owner& owner, Entity entity,
                                                         double threshold) {
  check_length(entity.vector);
  normalise(entity.vector);
  UserGraph& graph = graphs_[owner];
  const std::uint64_t key = key_of(entity.vector, "");
  Entity* best = nullptr;
  double best_similarity = threshold;
  if (const auto same = graph.entity_by_vector.find(key); same != graph.entity_by_vector.end()) {
    best = &graph.entities[same->second];
  } else {
    for (Entity& known : graph.entities) {
      const double similarity = dot(known.vector, entity.vector);
      if (similarity < best_similarity) continue;
      best = &known;
      best_similarity = similarity;
    }
  }
  if (best != nullptr) {
    ++best->mentions;
    return {*best, false};
  }
  entity.uuid = new_uuid();
  entity.mentions = 1;
  graph.entity_by_vector.emplace(key, graph.entities.size());
  graph.entity_by_uuid.emplace(entity.uuid, graph.entities.size());
  graph.entities.push_back(std::move(entity));
  return {graph.entities.back(), true};
}

std::pair<const Relationship&, bool> GraphStore::upsert_relationship(const Owner& owner,
                                                                     Relationship relationship,
                                                                     double threshold) {
  check_length(relationship.vector);
  normalise(relationship.vector);
  UserGraph& graph = graphs_[owner];
  for (const std::string& end : {relationship.source, relationship.target})
    if (!graph.entity_by_uuid.contains(end))
      throw UpsertError("entity " + end + " does not exist for user " + owner.user_id);
  const std::uint64_t key = key_of(relationship.vector, relationship.source + relationship.target);
  Relationship* best = nullptr;
  double best_similarity = threshold;
  if (const auto same = graph.relationship_by_vector.find(key);
      same != graph.relationship_by_vector.end()) {
    best = &graph.relationships[same->second];
  } else {
    for (Relationship& known : graph.relationships) {
      if (known.source != relationship.source || known.target != relationship.target) continue;
      const double similarity = dot(known.vector, relationship.vector);
      if (similarity < best_similarity) continue;
      best = &known;
      best_similarity = similarity;
    }
  }
  if (best != nullptr) {
    ++best->mentions;
    best->episode = relationship.episode;
    return {*best, false};
  }
  relationship.uuid = new_uuid();
  relationship.mentions = 1;
  graph.relationship_by_vector.emplace(key, graph.relationships.size());
  graph.relationships.push_back(std::move(relationship));
  return {graph.relationships.back(), true};
}

void GraphStore::finish_episode(const std::string& uuid, Episode episode) {
  Episode& kept = episodes_[uuid];
  episode.reports = kept.reports + 1;
  kept = std::move(episode);
}

void GraphStore::clear() {
  graphs_.clear();
  episodes_.clear();
  absent_.clear();
}

}  // namespace ryumem::sandbox
