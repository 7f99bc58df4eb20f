// What the stand-in server remembers: entities, relationships and episodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ryumem::sandbox {

struct Entity {
  std::string uuid;
  std::string name;  // as it came first
  std::string type;
  std::string summary;
  std::int64_t mentions = 0;
  std::vector<float> vector;  // of length 1
};

struct Relationship {
  std::string uuid;
  std::string source;  // uuids of entities
  std::string target;
  std::string type;
  std::string fact;
  std::string episode;  // that mentioned it last
  std::int64_t mentions = 0;
  std::vector<float> vector;
};

struct Episode {
  std::string job_id;
  std::string customer_id;
  std::int64_t entities = 0;
  std::int64_t relationships = 0;
  std::string error;         // empty: completed
  std::int64_t reports = 0;  // how often extraction-complete came
};

/// What belongs to one user of one customer.
struct UserGraph {
  std::vector<Entity> entities;
  std::vector<Relationship> relationships;
  // Equal vectors need no search. The key is a hash of the vector, and of the ends.
  std::unordered_map<std::uint64_t, std::size_t> entity_by_vector;
  std::unordered_map<std::uint64_t, std::size_t> relationship_by_vector;
  std::unordered_map<std::string, std::size_t> entity_by_uuid;
};

/// The reason why an upsert is a 500 of the server.
class UpsertError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class GraphStore {
 public:
  /// Vectors of any other length are refused.
  explicit GraphStore(std::size_t dimensions) : dimensions_(dimensions) {}

  struct Owner {
    std::string customer_id;
    std::string user_id;
    auto operator<=>(const Owner&) const = default;
  };

  /// The entity of that owner whose vector is the most similar, if it is at least `threshold`, with
  /// one mention more; else a new one. Second: is it new? The reference holds until the next call.
  /// Throws UpsertError.
  std::pair<const Entity&, bool> upsert_entity(const Owner& owner, Entity entity, double threshold);

  /// Likewise, among the relationships with the same two ends. Throws UpsertError, also if an end
  /// is not an entity of the owner.
  std::pair<const Relationship&, bool> upsert_relationship(const Owner& owner,
                                                           Relationship relationship,
                                                           double threshold);

  /// Notes the end of an extraction; the last report counts.
  void finish_episode(const std::string& uuid, Episode episode);
  /// From now on there is no such episode, for the server.
  void mark_absent(const std::string& episode_uuid) { absent_.insert(episode_uuid); }
  bool absent(const std::string& episode_uuid) const { return absent_.contains(episode_uuid); }

  const std::map<Owner, UserGraph>& graphs() const { return graphs_; }
  const std::map<std::string, Episode>& episodes() const { return episodes_; }
  const std::set<std::string>& absent_episodes() const { return absent_; }

  /// Forgets everything.
  void clear();

 private:
  void check_length(const std::vector<float>& vector) const;
  std::string new_uuid();

  std::size_t dimensions_;
  std::uint64_t last_uuid_ = 0;
  std::map<Owner, UserGraph> graphs_;
  std::map<std::string, Episode> episodes_;
  std::set<std::string> absent_;
};

}  // namespace ryumem::sandbox
