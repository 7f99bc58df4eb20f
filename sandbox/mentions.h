// Where a text names somebody or something, found by rules.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/lexicon.h"
#include "sandbox/words.h"

namespace ryumem::sandbox {

struct Mention {
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
  std::size_t first = 0;  // words of the sentence
  std::size_t last = 0;
  std::string name;      // the fullest form that the text has of it; the user's id for "I"
  std::string type;      // PERSON, LOCATION, ORGANIZATION or DATE
  int certainty = 0;     // 0 a guess, 3 known
  bool self = false;     // "I", "my"
  bool pronoun = false;  // "she": names nobody by itself
  bool speaker = false;  // in front of a line of conversation, "Anna: ..."
};

struct ReadSentence {
  Sentence sentence;
  const Language* language = nullptr;
  std::vector<Mention> mentions;  // in the order of the text
};

/// Everything named in `text`. Words for oneself stand for `user_id`, if there is one, or for the
/// speaker of a line of conversation. One name has one type throughout.
std::vector<ReadSentence> find_mentions(std::string_view text, const std::string& user_id);

/// As the pipeline writes names: lower case, blanks replaced by "_".
std::string normalised(std::string_view name);

/// The mentions in word `at` of a sentence in a script without capital letters;
/// mentions_uncased.cc.
void uncased_mentions(const Sentence& sentence, std::size_t at, bool japanese,
                      std::vector<Mention>& found);

}  // namespace ryumem::sandbox
