// What --help and --version say.
#pragma once

#include <string>

namespace ryumem {

std::string help_of_ryumemd();
/// The program's version, then one line for each library that is linked in.
std::string version_of_ryumemd();

}  // namespace ryumem
