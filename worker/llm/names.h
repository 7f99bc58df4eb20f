// Names, types and facts as the graph has them: the peers' normalisation, and how long each may be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ryumem {

// In characters as a reader counts them; what is longer is cut there, never inside of one.
inline constexpr std::size_t kLongestName = 200;
inline constexpr std::size_t kLongestType = 60;
inline constexpr std::size_t kLongestFact = 2000;

/// "Ada Lovelace" -> "ada_lovelace": Python's lower(), then blanks as _.
std::string normal_name(std::string_view text);
/// "works at" -> "WORKS_AT": Python's upper(), then blanks as _.
std::string normal_type(std::string_view text);

/// A name by which others may call the same thing: without case, article, honorific, possessive,
/// quotes, and the ways to write a blank; compatibility forms (ＡＢＣ, ﬁ) as the usual ones. Empty
/// if nothing is left.
std::string loose_name(std::string_view text);

}  // namespace ryumem
