// Reading one JSON value from text that a model wrote: where its writing is not JSON but leaves no
// doubt about what is meant, it is written down as JSON. It is a parser of a slightly larger
// language, not a search for patterns: inside a string everything is text. Nothing is evaluated,
// nothing unfinished is finished.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "common/ops/scoreboard.h"

namespace ryumem {

/// What had to be overlooked in an answer.
using Repairs = std::set<Repair>;

struct LenientValue {
  std::string json;     // the value as JSON
  std::size_t end = 0;  // where in the text it ends

  LenientValue() = default;
};

/// The object, array or string that begins at `at`. Besides JSON it takes single quotes, Python's
/// and JavaScript's words, bare keys, comments, commas too many, control characters in strings and
/// escapes that JSON does not have; each is noted in `repairs`. `text` must be UTF-8.
/// Throws Failure(Kind::too_long) if the text ends inside of the value, Failure(Kind::bad_answer)
/// for anything else and for more than 64 levels.
LenientValue read_lenient(std::string_view text, std::size_t at, Repairs& repairs);

}  // namespace ryumem
