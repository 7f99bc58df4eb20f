// May we use the models that are configured, and are they large enough? By what the providers tell
// of them, which costs nothing.
#pragma once

#include "common/net/http_client.h"
#include "common/ops/checkup.h"
#include "common/ops/options.h"

namespace ryumem {

/// Asks the provider of either model for what it knows of it.
Task<> check_access(HttpClient& http, const Settings& settings, Checkup& checkup, Cancel& cancel);

}  // namespace ryumem
