// Who speaks in a text, and which words only point: the first person, and pronouns, by language.
#pragma once

#include <cstdint>
#include <string_view>

namespace ryumem {

/// The languages of one text, and whether its author speaks of himself or herself in it.
class Voice {
 public:
  /// No language but English, nobody speaks.
  Voice() = default;
  /// Reads a text. What stands in quotes, or in a line of conversation that begins with somebody
  /// else's name ("Anna: I am late"), is not said by its author. `user`: the author's own name.
  Voice(std::string_view text, std::string_view user);

  /// Does the author say I, me, my, we, or the same in the text's language?
  bool first_person() const { return first_person_; }

  /// Is the word one for the author himself or herself? A word that is also a name somewhere (Ben,
  /// Mia) only counts if the text has the language in which it is not.
  bool is_self(std::string_view word) const;
  /// Is it a word that points to somebody or something, and names nobody?
  bool is_pronoun(std::string_view word) const;

 private:
  std::uint32_t languages_ = 1;  // by their place in the table; the first is English
  bool first_person_ = false;
};

}  // namespace ryumem
