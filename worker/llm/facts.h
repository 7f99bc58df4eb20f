// What is extracted from an episode, in our words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// A thing the text speaks of. Names and types are normalised as the peers do it.
struct Entity {
  std::string name;  // lower case, blanks as _
  std::string type;  // upper case, blanks as _

  Entity(std::string the_name, std::string the_type)
      : name(std::move(the_name)), type(std::move(the_type)) {}
};

/// How two entities are related, by their names.
struct Relationship {
  std::string source;
  std::string type;  // upper case, blanks as _
  std::string destination;
  std::string fact;  // a sentence, in the language of the text

  Relationship(std::string the_source, std::string the_type, std::string the_destination,
               std::string the_fact)
      : source(std::move(the_source)),
        type(std::move(the_type)),
        destination(std::move(the_destination)),
        fact(std::move(the_fact)) {}
};

using Entities = std::vector<Entity>;
using Relationships = std::vector<Relationship>;

}  // namespace ryumem
