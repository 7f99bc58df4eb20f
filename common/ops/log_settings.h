// The options of the log, as the log takes them; and which values must never be in it.
#pragma once

#include <string>

#include "common/base/log.h"
#include "common/ops/options.h"

namespace ryumem {

/// How `program` is to write its log. From now on no line of this process holds any secret of the
/// settings.
LogSettings log_settings(const Settings& settings, std::string program);

}  // namespace ryumem
