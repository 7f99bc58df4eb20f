// Values held against each other and against what this version can do.
#pragma once

#include "common/ops/options.h"

namespace ryumem {

/// Fills in what depends on the provider, and takes the slashes off the ends of URLs. Throws
/// Failure(Kind::configuration) whose text begins with the variable that is to blame.
void check_settings(Settings& settings);

}  // namespace ryumem
