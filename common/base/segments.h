// Where a text may be cut: between sentences, words and characters as people see them, in every
// script. Offsets are bytes of the UTF-8 text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ryumem {

/// What lies between two bounds.
enum class Segment { character, word, sentence };

/// The bounds of `text`, ascending, without 0, with its end; empty for an empty text. A character
/// is what a reader takes for one (a grapheme cluster): a letter with its accents, a family emoji.
/// Throws Failure(Kind::internal) if ICU has no rules for it.
std::vector<std::size_t> bounds_of(std::string_view text, Segment segment);

/// The first `limit` characters of `text`, or all of it; never part of one.
std::string_view first_characters(std::string_view text, std::size_t limit);

}  // namespace ryumem
