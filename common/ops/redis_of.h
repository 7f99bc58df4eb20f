// The Redis that the settings name, with everything that is needed to reach it. Nobody reads
// REDIS_URL but by this.
#pragma once

#include "common/net/redis_url.h"
#include "common/ops/options.h"

namespace ryumem {

/// Throws Failure(Kind::configuration) if the URL is none.
RedisUrl redis_of(const Settings& settings);

/// Throws Failure(Kind::configuration), whose text begins with the variable that is to blame, if
/// what goes with the URL does not fit it: a file that cannot be read, or one for TLS that would
/// never be used since the URL says nothing of TLS.
void check_redis(const Settings& settings);

}  // namespace ryumem
