// The Lua scripts as they were compiled in from common/queue/scripts.
#pragma once

#include <string_view>

namespace ryumem {

/// The source of a script by its name without ".lua"; empty if there is none.
std::string_view lua_source(std::string_view name);

}  // namespace ryumem
