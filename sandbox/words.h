// A text as sentences of words, whatever its script.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ryumem::sandbox {

enum class Writing { cased, han, hiragana, katakana, hangul, other };

struct Word {
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
  std::string text;
  std::string lower;
  Writing script = Writing::other;
  bool capital = false;      // begins with a capital letter
  bool number = false;       // begins with a digit
  bool joined = false;       // only blanks, hyphens or an abbreviation's dot since the last word
  bool after_comma = false;  // a comma, semicolon or colon since the last word
  bool line_start = false;
};

struct Sentence {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<Word> words;
};

/// The sentences of `text`, without those that hold no word. Lines end sentences. Runs of one
/// East Asian script are one word; apostrophes part words (l'ami, Anna's), hyphens do not.
std::vector<Sentence> split_sentences(std::string_view text);

}  // namespace ryumem::sandbox
