#include "common/base/printable.h"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace ryumem {
namespace {

// Besides ASCII's: C1 controls, which some terminals obey, and what changes the order of the text.
bool is_treacherous(UChar32 character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
         (character >= 0x200b && character <= 0x200f) ||
         (character >= 0x2028 && character <= 0x202e) ||
         (character >= 0x2060 && character <= 0x206f) || character == 0xfeff ||
         (character >= 0xfff9 && character <= 0xfffb) ||
         (character >= 0xe0000 && character <= 0xe007f);
}

// Calls `each` with every character and its bytes; a byte that is in none is the character -1.
template <class Each>
void for_each_character(std::string_view text, Each each) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < length;) {
    const std::int32_t from = at;
    UChar32 character = 0;
    U8_NEXT(bytes, at, length, character);
    if (character < 0) at = from + 1;
    each(character,
         text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(at - from)));
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&out](UChar32 character, std::string_view bytes) {
    if (character == '\\')
      out += "\\\\";
    else if (character == '\n')
      out += "\\n";
    else if (character == '\r')
      out += "\\r";
    else if (character == '\t')
      out += "\\t";
    else if (character < 0)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
    else if (!is_treacherous(character))
      out += bytes;
    else if (character < 0x100)
      out += fmt::format("\\x{:02x}", character);
    else
      out += fmt::format("\\u{{{:x}}}", character);
  });
  return out;
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for_each_character(text, [&out](UChar32 character, std::string_view bytes) {
    if (character == '"' || character == '\\')
      out += fmt::format("\\{}", bytes);
    else if (character == '\n')
      out += "\\n";
    else if (character < 0)
      out += "\\ufffd";
    else if (!is_treacherous(character))
      out += bytes;
    else if (character < 0x10000)
      out += fmt::format("\\u{:04x}", character);
    else
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xd7c0 + (character >> 10),
                         0xdc00 + (character & 0x3ff));
  });
  return out + "\"";
}

}  // namespace ryumem
