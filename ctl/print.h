// Text for people and programs, made of what was found in Redis.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/text.h"

namespace ryumem {

/// So much of an id is shown: one from outside may be of any length.
inline constexpr std::size_t kIdLength = 200;

/// One line of at most `limit` bytes for a terminal: no control characters.
std::string one_line(std::string_view text, std::size_t limit);

/// Milliseconds since 1970 as "2026-11-23T14:24:31Z"; "?" for what is no number.
std::string as_time(std::string_view ms);

/// "1 job", "2 jobs".
std::string counted(std::int64_t number, std::string_view thing);

}  // namespace ryumem
