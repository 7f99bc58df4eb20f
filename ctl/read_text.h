// Text that an operator gives.
#pragma once

#include <string>

namespace ryumem {

/// All of a file; "-" is standard input. Throws Failure(Kind::usage) if it cannot be read.
std::string read_text(const std::string& file);

}  // namespace ryumem
