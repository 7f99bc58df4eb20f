// The words of voice.cc, by language.
#pragma once

#include <array>
#include <string_view>

namespace ryumem {

/// Words in lower case with blanks between them.
struct LanguageWords {
  const char* name;
  std::string_view self;       // I, me, my, we: and no name or other word of any language here
  std::string_view self_here;  // the same, but something else in other languages
  std::string_view verbs;      // forms that only the first person has, where pronouns are left out
  std::string_view pointing;   // pronouns of the others
  std::string_view common;     // words that give the language away
};

extern const std::array<LanguageWords, 19> kLanguageWords;

}  // namespace ryumem
