// The configuration file as it is installed: every option with what it is for, commented out.
#pragma once

#include <string>

namespace ryumem {

/// With each `#name = value` line uncommented it says what is so without it.
std::string sample_config();

}  // namespace ryumem
