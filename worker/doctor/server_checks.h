// Does the Ryumem server take our callbacks?
#pragma once

#include "common/net/http_client.h"
#include "common/ops/checkup.h"
#include "common/ops/options.h"

namespace ryumem {

/// Asks for its queue statistics, which changes nothing and needs the internal key. `ours`: what
/// this Redis counts as pending, to see whether it is the same one; negative if it could not be
/// asked.
Task<> check_server(HttpClient& http, const Settings& settings, std::int64_t ours, Checkup& checkup,
                    Cancel& cancel);

}  // namespace ryumem
