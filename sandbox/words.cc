#include "sandbox/words.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <set>

#include "common/base/text.h"

namespace ryumem::sandbox {
namespace {

struct Letter {
  UChar32 c = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Letter> letters_of(std::string_view text) {
  std::vector<Letter> letters;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    Letter letter;
    letter.begin = static_cast<std::size_t>(at);
    U8_NEXT(text.data(), at, size, letter.c);
    if (letter.c < 0) letter.c = 0xFFFD;
    letter.end = static_cast<std::size_t>(at);
    letters.push_back(letter);
  }
  return letters;
}

bool is_mark(UChar32 c) { return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }
bool is_word_letter(UChar32 c) { return u_isalnum(c) || is_mark(c); }
bool is_apostrophe(UChar32 c) { return c == '\'' || c == 0x2019 || c == 0x02BC; }

Writing writing_of(UChar32 c) {
  if (c == 0x30FC || c == 0x30FB) return Writing::katakana;  // ー and ・
  if (c == 0x3005) return Writing::han;                      // 々
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(c, &error)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_ARMENIAN:
    case USCRIPT_COMMON:  // digits
      return Writing::cased;
    case USCRIPT_HAN:
      return Writing::han;
    case USCRIPT_HIRAGANA:
      return Writing::hiragana;
    case USCRIPT_KATAKANA:
      return Writing::katakana;
    case USCRIPT_HANGUL:
      return Writing::hangul;
    default:
      return Writing::other;
  }
}

bool ends_sentence(UChar32 c) {
  static const std::set<UChar32> ends{'.',    '!',    '?',    0x2026, 0x3002, 0xFF01,
                                      0xFF1F, 0x061F, 0x06D4, 0x0964, '\n',   '\r'};
  return ends.contains(c);
}

bool is_comma(UChar32 c) {
  static const std::set<UChar32> commas{',',    ';',    ':', 0x3001, 0xFF0C, 0xFF1B, 0xFF1A,
                                        0x060C, 0x061B, '(', ')',    0x2014, 0x2013};
  return commas.contains(c);
}

bool abbreviation(const Word& word) {
  static const std::set<std::string> known{"dr",  "mr", "mrs", "ms",  "st",   "prof", "sr",
                                           "sra", "jr", "inc", "ltd", "vs",   "mme",  "no",
                                           "hr",  "fr", "bzw", "ca",  "dott", "corp", "co"};
  const bool initial =
      word.capital && word.lower.size() <= 2 && word.text.size() <= 2 && word.text != "I";
  return initial || known.contains(word.lower);
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text), letters_(letters_of(text)) {}

  std::vector<Sentence> run() {
    while (at_ < letters_.size()) {
      if (is_word_letter(letters_[at_].c) || writing_of(letters_[at_].c) == Writing::katakana)
        take_word();
      else
        take_mark();
    }
    end_sentence(text_.size());
    return std::move(sentences_);
  }

 private:
  bool letter_at(std::size_t at) const {
    return at < letters_.size() && is_word_letter(letters_[at].c);
  }

  // Do the letters around an apostrophe or hyphen at `at` make one word?
  bool joins(std::size_t first, std::size_t at) const {
    if (!letter_at(at + 1)) return false;
    const UChar32 c = letters_[at].c;
    if (c == '-' || c == 0x2010 || c == 0x2011) return !u_isdigit(letters_[at + 1].c);
    // O'Brien and D'Angelo are names; in any other word the apostrophe parts two.
    return is_apostrophe(c) && at == first + 1 && u_isupper(letters_[first].c) &&
           u_isupper(letters_[at + 1].c) && (letters_[first].c == 'O' || letters_[first].c == 'D');
  }

  void take_word() {
    const std::size_t first = at_;
    const Writing writing = writing_of(letters_[first].c);
    for (++at_; at_ < letters_.size(); ++at_) {
      const UChar32 c = letters_[at_].c;
      if (is_mark(c)) continue;
      const bool more = (u_isalnum(c) && (writing_of(c) == writing || u_isdigit(c))) ||
                        (writing == Writing::katakana && writing_of(c) == Writing::katakana) ||
                        (writing == Writing::cased && joins(first, at_));
      if (!more) break;
    }
    Word word;
    word.begin = letters_[first].begin;
    word.end = letters_[at_ - 1].end;
    word.text = std::string(text_.substr(word.begin, word.end - word.begin));
    word.lower = lower(word.text);
    word.script = writing;
    word.capital = u_isupper(letters_[first].c) || u_istitle(letters_[first].c);
    word.number = u_isdigit(letters_[first].c);
    word.joined = joined_ && !sentence_.words.empty();
    word.after_comma = comma_;
    word.line_start = line_start_;
    if (sentence_.words.empty()) sentence_.begin = word.begin;
    sentence_.words.push_back(std::move(word));
    joined_ = true;
    comma_ = line_start_ = false;
  }

  void take_mark() {
    const UChar32 c = letters_[at_].c;
    const std::size_t begin = letters_[at_].begin;
    ++at_;
    if (c == '.') {
      // 3.5 and example.org go on; so does what follows an abbreviation.
      const bool inside = letter_at(at_) && at_ >= 2 && is_word_letter(letters_[at_ - 2].c);
      const bool short_form = !sentence_.words.empty() && sentence_.words.back().end == begin &&
                              abbreviation(sentence_.words.back());
      if (short_form) return;
      if (inside) {
        joined_ = false;
        return;
      }
    }
    if (ends_sentence(c)) {
      end_sentence(letters_[at_ - 1].end);
      line_start_ = line_start_ || c == '\n' || c == '\r';
      return;
    }
    if (is_comma(c)) comma_ = true;
    if (c != ' ' && c != '\t' && c != 0xA0 && c != '-' && c != '&') joined_ = false;
  }

  void end_sentence(std::size_t end) {
    if (!sentence_.words.empty()) {
      sentence_.end = end;
      sentences_.push_back(std::move(sentence_));
    }
    sentence_ = Sentence();
    joined_ = comma_ = false;
  }

  std::string_view text_;
  std::vector<Letter> letters_;
  std::size_t at_ = 0;
  std::vector<Sentence> sentences_;
  Sentence sentence_;
  bool joined_ = false;
  bool comma_ = false;
  bool line_start_ = true;
};

}  // namespace

std::vector<Sentence> split_sentences(std::string_view text) { return Splitter(text).run(); }

}  // namespace ryumem::sandbox
