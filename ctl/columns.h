// Text measured as a terminal shows it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ryumem {

/// How many columns `text` (UTF-8 without control characters) takes: two for wide characters, none
/// for those that combine with the one before.
std::size_t columns_of(std::string_view text);

/// As much of `text` as fits into so many columns, cut between characters, the last one "…" if
/// something is left out.
std::string cut_to(std::string_view text, std::size_t columns);

/// cut_to(), and blanks up to so many columns.
std::string padded_to(std::string_view text, std::size_t columns);

}  // namespace ryumem
