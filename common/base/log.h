// Where log lines go and how they look. Lines themselves are written with spdlog's own functions;
// no line ever holds a key, and episode content only when asked for.
#pragma once

#include <string>

namespace ryumem {

/// Sends log lines of this process to stderr as "TIME LEVEL WHO MESSAGE".
/// `level`: trace, debug, info, warning, error, critical or off. `who`: e.g. "ryumemd[812]".
/// Throws Failure(Kind::configuration) for an unknown level.
void configure_logging(const std::string& level, const std::string& who);

}  // namespace ryumem
