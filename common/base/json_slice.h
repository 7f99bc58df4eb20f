// JSON text used without taking it apart: members replaced in place, and the text of number arrays
// cut out whole, so that nothing else changes a byte on its way through us.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ryumem {

/// `object_text` with the top-level members named in `members` set to the given JSON text: replaced
/// where they stand, or added at the end. All other bytes stay as they are.
/// Throws Failure(Kind::bad_answer) if the text is not a JSON object.
std::string with_members(std::string_view object_text,
                         const std::vector<std::pair<std::string, std::string>>& members);

/// The text of one array of numbers.
struct NumberArray {
  std::string_view text;   // with its brackets
  std::size_t length = 0;  // how many numbers
};

/// Is `text` an array of plain numbers, and of how many? It checks the characters and counts the
/// commas, not the grammar of each number: NaN, nested arrays and strings do not pass, "1.2.3"
/// does.
std::optional<NumberArray> number_array(std::string_view text);

/// The arrays of numbers below the top-level array `array_key` of `document`: its elements
/// themselves, or their member `item_key` if that is not empty. The slices point into `document`,
/// whose capacity this may enlarge (simdjson reads a little past the end).
/// Throws Failure(Kind::bad_answer) naming what is not as promised.
std::vector<NumberArray> number_arrays(std::string& document, std::string_view array_key,
                                       std::string_view item_key);

/// The text of one value, and the number that stands beside it.
struct IndexedSlice {
  std::optional<std::size_t> index;
  std::string_view text;  // an array or a string, with its brackets or quotes
};

/// The same for elements that are objects whose member `item_key` may be a string instead of an
/// array, with their member `index_key` if it is a whole number. What the arrays hold is not
/// checked.
std::vector<IndexedSlice> indexed_slices(std::string& document, std::string_view array_key,
                                         std::string_view index_key, std::string_view item_key);

}  // namespace ryumem
