// Does a model keep to what the manner of asking promises? A server that accepts a schema and
// forgets it is known by its answers only.
#pragma once

#include <optional>
#include <string_view>

#include "worker/providers/provider.h"

namespace ryumem {

/// Whether `answer` is what this rung promises without any kindness in reading it: JSON with the
/// members that `schema` requires where a schema or a tool was said, JSON where JSON was, anything
/// where nothing was. Thoughts before the answer are nobody's promise. Nothing if there is no JSON
/// in it at all, or some that breaks off: that may have any reason.
std::optional<bool> keeps_promise(Rung rung, std::string_view schema, std::string_view answer);

}  // namespace ryumem
