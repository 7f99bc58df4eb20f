// Reading what a model said. It was asked for JSON of a certain shape; whatever else it says is
// data from outside: looked at, counted, never trusted, never evaluated.
#pragma once

#include <string_view>

#include "common/ops/scoreboard.h"
#include "worker/llm/facts.h"

namespace ryumem {

/// The entities in a model's answer: normalised, the first of equal names, in its order. Items that
/// lack a name or a type are left out and counted in `dropped`. No entities at all is a valid
/// answer. Throws Failure(Kind::bad_answer) for anything that is not a list of entities, and for a
/// list in which not one item is usable.
/// `user_id` is the name that stands for the first person in the text.
Entities read_entities(std::string_view answer, std::string_view user_id,
                       CountBy<Dropped>& dropped);

/// The relationships in a model's answer, as above. One whose ends are not both among `entities` is
/// left out and counted.
Relationships read_relationships(std::string_view answer, const Entities& entities,
                                 std::string_view user_id, CountBy<Dropped>& dropped);

}  // namespace ryumem
