// Values held against each other and against what this version can do.
#pragma once

#include "common/ops/mistakes.h"
#include "common/ops/options.h"

namespace ryumem {

/// Fills in what depends on the provider, and takes the slashes off the ends of URLs. Each mistake
/// begins with the variable that is to blame. `keys_known`: false if there may be keys that we
/// cannot see; then none is missed.
void check_settings(Settings& settings, bool keys_known, Mistakes& mistakes);

}  // namespace ryumem
