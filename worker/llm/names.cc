#include "worker/llm/names.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <vector>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// What may stand in front of a name or behind it without being part of it, in lower case.
constexpr std::string_view kBefore[] = {
    "the",  "a",    "an",  "der",  "die", "das",  "den", "dem", "des", "ein", "eine",
    "le",   "la",   "les", "un",   "une", "el",   "los", "las", "una", "il",  "lo",
    "gli",  "i",    "uno", "o",    "os",  "as",   "um",  "uma", "het", "een", "de",
    "mr",   "mrs",  "ms",  "miss", "dr",  "prof", "sir", "sr",  "sra", "m",   "mme",
    "herr", "frau", "don", "doña", "ο",   "η",    "το",  "οι",  "τα"};
constexpr std::string_view kBehind[] = {"さん", "様",     "くん", "君", "ちゃん", "先生",
                                        "氏",   "선생님", "씨",   "님", "女士"};

icu::UnicodeString folded(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const icu::UnicodeString source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  const icu::UnicodeString out = nfkc->normalize(source, error);
  if (U_FAILURE(error)) throw Failure(Kind::internal, "ICU has no NFKC_Casefold");
  return out;
}

// The words of a text: runs of letters, marks, digits and the signs that belong to names.
std::vector<std::string> words_of(const icu::UnicodeString& text) {
  std::vector<std::string> words;
  icu::UnicodeString word;
  const auto end_word = [&] {
    if (word.isEmpty()) return;
    words.emplace_back();
    word.toUTF8String(words.back());
    word.remove();
  };
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const UChar32 c = text.char32At(at);
    const bool mark = (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
    if (u_isalnum(c) || mark || c == '+' || c == '#' || c == '&' || c == '@' || c == '$')
      word.append(c);
    else
      end_word();
  }
  end_word();
  return words;
}

template <std::size_t N>
bool is_one_of(const std::string_view (&list)[N], std::string_view word) {
  for (const std::string_view one : list)
    if (one == word) return true;
  return false;
}

}  // namespace

std::string normal_name(std::string_view text) { return replace_all(lower(text), " ", "_"); }

std::string normal_type(std::string_view text) { return replace_all(upper(text), " ", "_"); }

std::string loose_name(std::string_view text) {
  std::vector<std::string> words = words_of(folded(text));
  if (words.size() > 1 && words.back() == "s") words.pop_back();  // Anna's
  std::size_t first = 0;
  while (first + 1 < words.size() && is_one_of(kBefore, words[first])) ++first;
  std::string name;
  for (std::size_t i = first; i < words.size(); ++i) name += (name.empty() ? "" : " ") + words[i];
  for (const std::string_view title : kBehind)
    if (name.size() > title.size() && name.ends_with(title))
      return std::string(trim(name.substr(0, name.size() - title.size())));
  return name;
}

}  // namespace ryumem
