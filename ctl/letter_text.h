// Dead letters as they are printed. Never the tenant's key; what was written in the episode and
// what was made of it only when asked for.
#pragma once

#include <string>
#include <vector>

#include "ctl/letters.h"

namespace ryumem {

/// A table, a line per letter, with a head.
std::string letters_as_text(const std::vector<Letter>& letters);
/// {"dead": [...]}
std::string letters_as_json(const std::vector<Letter>& letters);

/// `content`: with the episode's text, its context, and the model's answers.
std::string letter_as_text(const WholeLetter& letter, bool content);
std::string letter_as_json(const WholeLetter& letter, bool content);

}  // namespace ryumem
