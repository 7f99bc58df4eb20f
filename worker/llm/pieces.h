// Cutting an episode's text into pieces that a model can take: between sentences, with a little of
// the text before each cut said again, so that what belongs together is read together.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ryumem {

/// Bytes `from` up to `to` of a text.
struct Piece {
  std::size_t from = 0;
  std::size_t to = 0;

  Piece() = default;
  Piece(std::size_t begin, std::size_t end) : from(begin), to(end) {}
  bool operator==(const Piece& other) const { return from == other.from && to == other.to; }
  std::string_view of(std::string_view text) const { return text.substr(from, to - from); }
};

/// `text` in pieces of at most `most_tokens` (estimated), in their order; each begins before the
/// end of the one before it, and together they are all of the text. A text that fits is one piece.
/// The same text and limit always give the same pieces.
std::vector<Piece> pieces_of(std::string_view text, std::size_t most_tokens);

/// Two smaller pieces that together are all of `whole`, again with an overlap; nothing if it is too
/// small to be worth it.
std::optional<std::pair<Piece, Piece>> halves_of(std::string_view text, Piece whole);

}  // namespace ryumem
