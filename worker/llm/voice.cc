#include "worker/llm/voice.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/segments.h"
#include "common/base/text.h"
#include "worker/llm/voice_words.h"

namespace ryumem {
namespace {

enum class Role { self, self_here, verb, pointing, common };

// For each word the languages in which it has that role.
class Lexicon {
 public:
  Lexicon() {
    for (std::size_t at = 0; at < kLanguageWords.size(); ++at) {
      const LanguageWords& words = kLanguageWords[at];
      const std::uint32_t bit = 1U << at;
      add(words.self, Role::self, bit);
      add(words.self_here, Role::self_here, bit);
      add(words.verbs, Role::verb, bit);
      add(words.pointing, Role::pointing, bit);
      add(words.common, Role::common, bit);
    }
  }
  std::uint32_t languages(Role role, const std::string& word) const {
    const auto& words = words_[static_cast<std::size_t>(role)];
    const auto found = words.find(word);
    return found == words.end() ? 0 : found->second;
  }

 private:
  void add(std::string_view list, Role role, std::uint32_t bit) {
    for (const std::string& word : split(list, ' '))
      if (!word.empty()) words_[static_cast<std::size_t>(role)][word] |= bit;
  }
  std::unordered_map<std::string, std::uint32_t> words_[5];
};

const Lexicon& lexicon() {
  static const Lexicon words;
  return words;
}

struct Quotes {
  std::string_view open;
  std::string_view close;
};
constexpr Quotes kQuotes[] = {{"\"", "\""}, {"“", "”"},   {"„", "“"}, {"«", "»"},
                              {"「", "」"}, {"『", "』"}, {"»", "«"}};
constexpr std::size_t kLongestQuote = 400;

// `line` without what is quoted in it; a mark without its partner opens nothing.
std::string without_quotes(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t behind = std::string_view::npos;
    for (const Quotes& quotes : kQuotes) {
      if (!line.substr(at).starts_with(quotes.open)) continue;
      const std::size_t close = line.find(quotes.close, at + quotes.open.size());
      if (close == std::string_view::npos || close - at > kLongestQuote) continue;
      behind = close + quotes.close.size();
      break;
    }
    if (behind == std::string_view::npos)
      out += line[at++];
    else
      at = behind;
  }
  return out;
}

// "Anna: I am late" is said by Anna; "User: …" and the author's own name are not somebody else.
bool said_by_another(std::string_view line, std::string_view user) {
  constexpr std::size_t kLongestSpeaker = 40;
  std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) colon = line.find("：");
  if (colon == std::string_view::npos || colon == 0 || colon > kLongestSpeaker) return false;
  const std::string_view name = line.substr(0, colon);
  if (std::count(name.begin(), name.end(), ' ') > 2) return false;
  const std::string speaker = lower(trim(name));
  for (const char* author :
       {"user", "me", "i", "human", "author", "note", "diary", "journal", "ps"})
    if (speaker == author) return false;
  const bool small = name[0] >= 'a' && name[0] <= 'z';  // no name: "to be clear: I am late"
  return !small && speaker != lower(user);
}

struct Words {
  std::vector<std::string> spelled;
  std::vector<std::string> small;
};

Words words_of(std::string_view line) {
  Words words;
  std::size_t begin = 0;
  for (const std::size_t end : bounds_of(line, Segment::word)) {
    std::string word(trim(line.substr(begin, end - begin)));
    begin = end;
    if (word.empty()) continue;
    word = replace_all(word, "’", "'");
    words.small.push_back(lower(word));
    words.spelled.push_back(std::move(word));
  }
  return words;
}

// World War I, Type I: a number.
bool is_number_one(const Words& words, std::size_t at) {
  static const std::set<std::string> numbered = {"war",     "type",  "part",  "phase", "chapter",
                                                 "volume",  "class", "level", "grade", "stage",
                                                 "section", "act",   "book",  "vol"};
  if (words.spelled[at] != "I" || at == 0) return false;
  return numbered.contains(words.small[at - 1]);
}

// The languages in which the word is one for oneself, and in no other language something else.
std::uint32_t self_languages(const std::string& word) {
  const std::size_t apostrophe = word.find('\'');  // I'm, j'ai
  const std::string stem =
      apostrophe == std::string::npos || apostrophe == 0 ? word : word.substr(0, apostrophe);
  std::uint32_t languages =
      lexicon().languages(Role::self, stem) | lexicon().languages(Role::verb, word);
  // Turkish says who speaks at the end of the verb.
  if (word.ends_with("yorum") || word.ends_with("yoruz")) languages |= 1U << 8U;
  return languages;
}

// Then it is a name: IT, WHO, EU, US.
bool in_capitals(std::string_view word) {
  return word.size() > 1 && lower(word) != word && upper(word) == word;
}

bool has_letters_of(std::string_view text, std::string_view first, std::string_view last) {
  for (std::size_t at = 0; at + first.size() <= text.size(); ++at) {
    const std::string_view letter = text.substr(at, first.size());
    if (letter >= first && letter <= last) return true;
  }
  return false;
}

// Scripts give some languages away: their place in the table.
std::uint32_t languages_by_script(std::string_view text) {
  std::uint32_t found = 0;
  if (has_letters_of(text, "а", "я")) found |= 3U << 10U;  // ru, uk
  if (has_letters_of(text, "α", "ω")) found |= 1U << 12U;  // el
  const bool kana = has_letters_of(text, "ぁ", "ヿ");
  if (kana) found |= 1U << 13U;                                       // ja
  if (!kana && has_letters_of(text, "一", "龥")) found |= 1U << 14U;  // zh
  if (has_letters_of(text, "가", "힣")) found |= 1U << 15U;           // ko
  if (has_letters_of(text, "ء", "ي")) found |= 1U << 16U;             // ar
  if (has_letters_of(text, "א", "ת")) found |= 1U << 17U;             // he
  if (has_letters_of(text, "अ", "ह")) found |= 1U << 18U;             // hi
  return found;
}

}  // namespace

Voice::Voice(std::string_view text, std::string_view user) {
  std::array<int, kLanguageWords.size()> evidence{};
  std::uint32_t self = 0;
  std::string own;
  for (const std::string& line : split(text, '\n')) {
    const bool by_author = !said_by_another(line, user);
    const Words words = words_of(by_author ? without_quotes(line) : line);
    for (std::size_t at = 0; at < words.small.size(); ++at) {
      const std::string& word = words.small[at];
      const std::uint32_t mine = is_number_one(words, at) ? 0 : self_languages(word);
      if (by_author) self |= mine | lexicon().languages(Role::self_here, word);
      std::uint32_t telling = lexicon().languages(Role::common, word) | mine;
      // A small i is "and" in some languages, but not where a line begins.
      if (words.spelled[at] == "i") telling = at == 0 ? 0 : lexicon().languages(Role::common, word);
      for (std::size_t i = 0; i < evidence.size(); ++i) evidence[i] += (telling >> i) & 1U ? 1 : 0;
    }
  }
  const int most = *std::max_element(evidence.begin(), evidence.end());
  languages_ = languages_by_script(text);
  for (std::size_t i = 0; i < evidence.size(); ++i)
    if (evidence[i] > 0 && evidence[i] * 2 >= most) languages_ |= 1U << i;
  if (languages_ == 0) languages_ = 1;
  first_person_ = (self & languages_) != 0;
}

bool Voice::is_self(std::string_view word) const {
  const std::string_view bare = trim(word);
  if (in_capitals(bare)) return false;
  const std::string small = lower(bare);
  return (lexicon().languages(Role::self, small) & (languages_ | 1U)) != 0 ||
         (lexicon().languages(Role::self_here, small) & languages_) != 0;
}

bool Voice::is_pronoun(std::string_view word) const {
  const std::string_view bare = trim(word);
  if (in_capitals(bare)) return false;
  return (lexicon().languages(Role::pointing, lower(bare)) & (languages_ | 1U)) != 0;
}

}  // namespace ryumem
