// From what a model said to the JSON that is in it: strictly first, then kindly. Thoughts, fences
// and words around it are left away; several values become one array.
#pragma once

#include <string_view>

#include "common/base/json.h"
#include "worker/llm/lenient_json.h"

namespace ryumem {

/// Throws Failure(Kind::too_long) for an answer that breaks off, Failure(Kind::bad_answer) with the
/// reason if there is no JSON in it or some that cannot be read: never part of a value for all.
JsonDocument rescue_json(std::string_view answer, Repairs& repairs);

}  // namespace ryumem
