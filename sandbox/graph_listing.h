// The graph for people and for programs.
#pragma once

#include <string>

#include "sandbox/graph_store.h"

namespace ryumem::sandbox {

/// Plain text: per user the entities with types and mentions, the relationships with their facts,
/// and the figures. Columns line up for wide and combining characters, too.
std::string graph_text(const GraphStore& store);

/// {"users":[{"customer_id","user_id","entities":[…],"relationships":[…]}],"figures":{…}}
std::string graph_json(const GraphStore& store);

/// {"episodes":[{"episode_uuid","status","job_id",…}],"absent":[…]}
std::string episodes_json(const GraphStore& store);

/// How many columns of a terminal `utf8` takes.
std::size_t display_width(std::string_view utf8);

}  // namespace ryumem::sandbox
