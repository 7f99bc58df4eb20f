// What the stand-in model finds in a text: entities and relationships, by rules, always the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ryumem::sandbox {

struct FoundEntity {
  std::string name;  // in the spelling of the text; the user's id for "I"
  std::string type;  // PERSON, LOCATION, ORGANIZATION or DATE
};

struct FoundRelationship {
  std::string source;
  std::string relationship;  // LIVES_IN, or RELATED_TO when the text has no word for it
  std::string destination;
  std::string fact;  // the clause, in the spelling of the text
};

/// In the order of their first mention, each once. Without a `user_id` nobody says "I".
std::vector<FoundEntity> find_entities(std::string_view text, const std::string& user_id);

/// Between names that stand together in a sentence. `names` are those that may be used, normalised
/// (lower case, blanks replaced by "_").
std::vector<FoundRelationship> find_relationships(std::string_view text, const std::string& user_id,
                                                  const std::vector<std::string>& names);

}  // namespace ryumem::sandbox
