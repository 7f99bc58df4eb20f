// /status.json: all that there is to say, for the status page, for ryumemctl, and for whoever else
// asks. docs/status-json.md has its members.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "supervisor/status.h"

namespace ryumem {

/// `history_since`: with the points of the last hour after this moment (seconds since the epoch);
/// nothing: without them.
std::string status_json(const Status& status, std::optional<std::int64_t> history_since);

}  // namespace ryumem
