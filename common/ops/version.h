// Which version of ryumemd this is.
#pragma once

#include <string_view>

namespace ryumem {

/// As the build system's project line says it, e.g. "0.1.0".
std::string_view program_version();

}  // namespace ryumem
