#include "worker/llm/tokens.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace ryumem {
namespace {

// Hundredths of a token for one code point. Measured figures of the common tokenizers differ by a
// third from each other; these are at the upper end of what they need for running text.
std::size_t weight(UChar32 c) {
  if (c < 0) return 100;  // not UTF-8: sent as U+FFFD
  if (c < 0x80) {
    if (c == ' ') return 0;  // it belongs to the word behind it
    return u_isalpha(c) ? 28 : 60;
  }
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_LATIN:
      return 50;
    case USCRIPT_CYRILLIC:
    case USCRIPT_GREEK:
      return 45;
    case USCRIPT_ARABIC:
    case USCRIPT_HEBREW:
      return 60;
    case USCRIPT_HANGUL:
      return 90;
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
      return 120;
    default:
      return u_isUWhiteSpace(c) ? 20 : 130;  // Indic and South-East Asian scripts, emoji, the rest
  }
}

}  // namespace

std::size_t estimate_tokens(std::string_view utf8) {
  std::size_t hundredths = 0;
  const auto size = static_cast<std::int32_t>(utf8.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), at, size, c);
    hundredths += weight(c);
  }
  return (hundredths + 99) / 100;
}

}  // namespace ryumem
