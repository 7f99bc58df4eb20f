// What is embedded of an entity, and of a relationship.
#pragma once

#include <string>

#include "worker/llm/facts.h"

namespace ryumem {

inline std::string embedded_text(const Entity& entity) {
  return entity.name + " (" + entity.type + ")";
}
inline std::string embedded_text(const Relationship& relationship) { return relationship.fact; }

}  // namespace ryumem
