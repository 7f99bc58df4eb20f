#include "common/base/json_slice.h"

#include <simdjson.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {

namespace ondemand = simdjson::ondemand;

namespace {

[[noreturn]] void not_as_promised(std::string_view what) {
  throw Failure(Kind::bad_answer, std::string(what));
}

constexpr bool is_number_char(unsigned char c) {
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == ',' || c == 'e' ||
         c == 'E' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

#ifdef __SSE2__
// Sixteen characters at a time: g++ does not vectorise the plain loop at -O2, and vectors are most
// of the bytes that pass through a worker. Returns whether all are number characters.
bool check_block(const char* at, std::size_t& commas) {
  const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i from_plus = _mm_sub_epi8(c, _mm_set1_epi8('+'));
  const __m128i span = _mm_set1_epi8('9' - '+');
  __m128i good = _mm_cmpeq_epi8(_mm_min_epu8(from_plus, span), from_plus);
  good = _mm_andnot_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('/')), good);
  const __m128i lower = _mm_or_si128(c, _mm_set1_epi8(0x20));
  good = _mm_or_si128(good, _mm_cmpeq_epi8(lower, _mm_set1_epi8('e')));
  for (const char blank : {' ', '\n', '\r', '\t'})
    good = _mm_or_si128(good, _mm_cmpeq_epi8(c, _mm_set1_epi8(blank)));
  const int comma_mask = _mm_movemask_epi8(_mm_cmpeq_epi8(c, _mm_set1_epi8(',')));
  commas += static_cast<std::size_t>(__builtin_popcount(static_cast<unsigned>(comma_mask)));
  return _mm_movemask_epi8(good) == 0xFFFF;
}
#endif

// The whole text of an array or object; simdjson's own reaches up to the next token.
template <class Container>
std::string_view raw_text(Container container) {
  return trim(container.raw_json().value());
}

std::size_t offset_in(std::string_view text, const char* start) {
  return static_cast<std::size_t>(start - text.data());
}

}  // namespace

std::string with_members(std::string_view object_text,
                         const std::vector<std::pair<std::string, std::string>>& members) {
  const simdjson::padded_string padded(object_text);
  ondemand::parser parser;
  struct Edit {
    std::size_t from;
    std::size_t to;
    const std::string* value;
  };
  std::vector<Edit> edits;
  std::vector<bool> seen(members.size(), false);
  bool empty = true;
  try {
    ondemand::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      empty = false;
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      const std::string_view token = value.raw_json_token();
      const std::size_t from = offset_in(std::string_view(padded), token.data());
      std::size_t length = trim(token).size();
      const ondemand::json_type type = value.type();
      if (type == ondemand::json_type::array)
        length = raw_text(value.get_array().value()).size();
      else if (type == ondemand::json_type::object)
        length = raw_text(value.get_object().value()).size();
      for (std::size_t i = 0; i < members.size(); ++i)
        if (members[i].first == key) {
          edits.push_back({from, from + length, &members[i].second});
          seen[i] = true;
        }
    }
  } catch (const simdjson::simdjson_error& error) {
    not_as_promised(std::string("not a JSON object: ") + error.what());
  }
  std::string out;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    out.append(object_text.substr(at, edit.from - at)).append(*edit.value);
    at = edit.to;
  }
  out.append(object_text.substr(at));
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (seen[i]) continue;
    const std::string text =
        (empty ? "\"" : ", \"") + members[i].first + "\": " + members[i].second;
    out.insert(out.rfind('}'), text);
    empty = false;
  }
  return out;
}

std::optional<NumberArray> number_array(std::string_view text) {
  const std::string_view whole = trim(text);
  if (whole.size() < 2 || whole.front() != '[' || whole.back() != ']') return std::nullopt;
  const std::string_view inner = whole.substr(1, whole.size() - 2);
  std::size_t commas = 0;
  std::size_t at = 0;
#ifdef __SSE2__
  for (; at + 16 <= inner.size(); at += 16)
    if (!check_block(inner.data() + at, commas)) return std::nullopt;
#endif
  for (; at < inner.size(); ++at) {
    if (!is_number_char(static_cast<unsigned char>(inner[at]))) return std::nullopt;
    if (inner[at] == ',') ++commas;
  }
  const bool nothing = trim(inner).empty();
  return NumberArray{whole, nothing ? 0 : commas + 1};
}

std::vector<NumberArray> number_arrays(std::string& document, std::string_view array_key,
                                       std::string_view item_key) {
  document.reserve(document.size() + simdjson::SIMDJSON_PADDING);
  std::vector<NumberArray> out;
  try {
    ondemand::parser parser;
    ondemand::document parsed =
        parser.iterate(document.data(), document.size(), document.capacity());
    for (auto element : parsed[array_key].get_array()) {
      std::string_view raw;
      if (item_key.empty())
        raw = raw_text(element.get_array().value());
      else
        raw = raw_text(element[item_key].get_array().value());
      const std::optional<NumberArray> numbers = number_array(raw);
      if (!numbers)
        not_as_promised("element " + std::to_string(out.size()) + " of \"" +
                        std::string(array_key) +
                        "\" is not an array of plain numbers: " + excerpt(raw, 60));
      out.push_back(*numbers);
    }
  } catch (const simdjson::simdjson_error& error) {
    not_as_promised("no readable \"" + std::string(array_key) + "\" in " + excerpt(document, 120) +
                    ": " + error.what());
  }
  return out;
}

std::vector<IndexedSlice> indexed_slices(std::string& document, std::string_view array_key,
                                         std::string_view index_key, std::string_view item_key) {
  document.reserve(document.size() + simdjson::SIMDJSON_PADDING);
  std::vector<IndexedSlice> out;
  try {
    ondemand::parser parser;
    ondemand::document parsed =
        parser.iterate(document.data(), document.size(), document.capacity());
    for (auto element : parsed[array_key].get_array()) {
      IndexedSlice slice;
      // In the order in which the vendor writes them; another order is found as well.
      std::uint64_t index = 0;
      ondemand::object object = element.get_object();
      if (object[index_key].get_uint64().get(index) == simdjson::SUCCESS) slice.index = index;
      ondemand::value item = object[item_key];
      if (item.type() == ondemand::json_type::string)
        slice.text = trim(item.raw_json_token());
      else
        slice.text = raw_text(item.get_array().value());
      out.push_back(slice);
    }
  } catch (const simdjson::simdjson_error& error) {
    not_as_promised("no readable \"" + std::string(array_key) + "\" in " + excerpt(document, 120) +
                    ": " + error.what());
  }
  return out;
}

}  // namespace ryumem
