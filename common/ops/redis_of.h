// The Redis that the settings name, with everything that is needed to reach it. Nobody reads
// REDIS_URL but by this.
#pragma once

#include "common/net/redis_url.h"
#include "common/ops/mistakes.h"
#include "common/ops/options.h"

namespace ryumem {

/// Throws Failure(Kind::configuration) if the URL is none.
RedisUrl redis_of(const Settings& settings);

/// What goes with the URL and does not fit it: a file that cannot be read, or one for TLS that
/// would never be used since the URL says nothing of TLS. Each mistake begins with the variable
/// that is to blame. Throws Failure(Kind::configuration) if the URL is none.
void check_redis(const Settings& settings, Mistakes& mistakes);

}  // namespace ryumem
