// Who uses this tool: noted with what he decides for the whole fleet.
#pragma once

#include <string>

namespace ryumem {

/// "ada@db1": the user who logged in (behind sudo, too) and this host.
std::string who_is_asking();

}  // namespace ryumem
