// What OpenAI asks of a schema that is to be kept strictly.
#pragma once

#include <string>

#include "common/base/json.h"

namespace ryumem::sandbox {

/// The rule that `schema` breaks, in OpenAI's words; empty if it breaks none.
std::string against_strict_rules(const JsonValue& schema);

}  // namespace ryumem::sandbox
