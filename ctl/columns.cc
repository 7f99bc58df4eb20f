#include "ctl/columns.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <cstdint>

namespace ryumem {
namespace {

std::size_t width(UChar32 c) {
  if (c < 0) return 1;  // shown as a replacement character
  const int type = u_charType(c);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
  const int kind = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return kind == U_EA_WIDE || kind == U_EA_FULLWIDTH ? 2 : 1;
}

// The bytes of `text` that fit into so many columns; `columns` becomes what is left of them.
std::size_t fitting(std::string_view text, std::size_t& columns) {
  const auto length = static_cast<std::int32_t>(text.size());
  std::int32_t at = 0;
  while (at < length) {
    std::int32_t next = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), next, length, c);
    const std::size_t needed = width(c);
    if (needed > columns) break;
    columns -= needed;
    at = next;
  }
  return static_cast<std::size_t>(at);
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t left = text.size() * 2;
  const std::size_t before = left;
  fitting(text, left);
  return before - left;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  std::size_t left = columns;
  if (fitting(text, left) == text.size()) return std::string(text);
  if (columns == 0) return "";
  left = columns - 1;
  return std::string(text.substr(0, fitting(text, left))) + "…";
}

std::string padded_to(std::string_view text, std::size_t columns) {
  std::string out = cut_to(text, columns);
  return out + std::string(columns - columns_of(out), ' ');
}

}  // namespace ryumem
