#include "worker/llm/pieces.h"

#include <algorithm>

#include "common/base/segments.h"
#include "worker/llm/tokens.h"

namespace ryumem {
namespace {

// A text of fewer tokens is not cut any more: it is two or three sentences, and a model that cannot
// take that will not take less.
constexpr std::size_t kSmallest = 48;
// A sentence longer than this part of a piece may itself be cut.
constexpr std::size_t kLongSentence = 4;
// How much of a piece is said again in the next one, at most: one part of so many.
constexpr std::size_t kOverlap = 10;

// A stretch of text that is not cut, with its tokens.
struct Unit {
  std::size_t to;  // where it ends; it begins where the one before ends
  std::size_t tokens;
};

// The units of `text` between `from` and `to`: what lies between its bounds, and what is too long
// there cut by the next finer sort of bounds.
void add_units(std::string_view text, std::size_t from, std::size_t to, Segment segment,
               std::size_t most_tokens, std::vector<Unit>& units) {
  std::size_t begin = from;
  for (const std::size_t bound : bounds_of(text.substr(from, to - from), segment)) {
    const std::size_t end = from + bound;
    const std::size_t tokens = estimate_tokens(text.substr(begin, end - begin));
    if (tokens > most_tokens && segment == Segment::sentence)
      add_units(text, begin, end, Segment::word, most_tokens, units);
    else if (tokens > most_tokens && segment == Segment::word)
      add_units(text, begin, end, Segment::character, most_tokens, units);
    else
      units.push_back(Unit{end, tokens});
    begin = end;
  }
}

std::vector<Unit> units_of(std::string_view text, Piece piece, std::size_t most_tokens) {
  std::vector<Unit> units;
  add_units(text, piece.from, piece.to, Segment::sentence, most_tokens, units);
  return units;
}

// The first unit of a piece that begins behind unit `end - 1` and says again what came just before.
std::size_t with_overlap(const std::vector<Unit>& units, std::size_t first, std::size_t end,
                         std::size_t most_overlap) {
  std::size_t tokens = 0;
  std::size_t begin = end;
  while (begin > first + 1 && tokens + units[begin - 1].tokens <= most_overlap)
    tokens += units[--begin].tokens;
  return begin;
}

}  // namespace

std::vector<Piece> pieces_of(std::string_view text, std::size_t most_tokens) {
  const std::size_t total = estimate_tokens(text);
  if (total <= most_tokens) return {Piece(0, text.size())};
  const std::size_t overlap = most_tokens / kOverlap;
  const std::size_t longest = std::max<std::size_t>(1, most_tokens / kLongSentence);
  const std::vector<Unit> units = units_of(text, Piece(0, text.size()), longest);
  // Pieces of about the same size, rather than full ones and a rest.
  const std::size_t room = std::max<std::size_t>(1, most_tokens - overlap);
  const std::size_t count = (total + room - 1) / room;
  const std::size_t wanted = std::min(most_tokens, total / count + overlap + 1);

  std::vector<Piece> pieces;
  for (std::size_t first = 0, end = 0; end < units.size();) {
    std::size_t tokens = 0;
    const std::size_t fresh = end;  // what the piece before has not said
    for (end = first; end < units.size(); ++end) {
      const std::size_t more = tokens + units[end].tokens;
      if (end > fresh && (tokens >= wanted || more > most_tokens)) break;
      tokens = more;
    }
    pieces.emplace_back(first == 0 ? 0 : units[first - 1].to, units[end - 1].to);
    first = with_overlap(units, first, end, overlap);
  }
  return pieces;
}

std::optional<std::pair<Piece, Piece>> halves_of(std::string_view text, Piece whole) {
  const std::size_t total = estimate_tokens(whole.of(text));
  if (total < kSmallest) return std::nullopt;
  const std::vector<Unit> units = units_of(text, whole, total / kLongSentence);
  if (units.size() < 2) return std::nullopt;
  // The bound nearest to the middle.
  std::size_t before = 0;
  std::size_t cut = 0;
  while (cut + 1 < units.size() && (cut == 0 || before + units[cut].tokens / 2 < total / 2))
    before += units[cut++].tokens;
  const std::size_t again = with_overlap(units, 0, cut, total / kOverlap);
  return std::pair(Piece(whole.from, units[cut - 1].to), Piece(units[again - 1].to, whole.to));
}

}  // namespace ryumem
