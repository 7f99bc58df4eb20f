// The words that the rules of extraction know, by language.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sandbox/words.h"

namespace ryumem::sandbox {

using WordSet = std::unordered_set<std::string>;

/// What is known of one language. All words are in lower case.
struct Language {
  const char* name;
  WordSet function_words;  // they open sentences and fill gaps, but are never a name
  WordSet first_person;    // I, me, my, mine
  WordSet third_person;    // he, she and their forms in the subject
  WordSet conjunctions;
  WordSet place_prepositions;
  WordSet prepositions;        // all of them, those of places too
  WordSet work_words;          // works, joined, ...: an organisation follows
  bool capital_nouns = false;  // as German has them: a capital letter alone makes no name
};

/// The language whose function words the sentences have most of; English when none has any.
const Language& language_of(const std::vector<Sentence>& sentences);
/// Of one sentence, if it clearly has another language than `usual`.
const Language& language_of(const Sentence& sentence, const Language& usual);

/// PERSON, LOCATION, ORGANIZATION or DATE for a name that is known, in lower case.
std::optional<std::string> known_type(const std::string& lower_name);
/// A name, place, organisation or date that stands inside a run of East Asian text: the longest
/// one at its start, in bytes, or 0.
std::size_t known_prefix(std::string_view run);

bool is_first_name(const std::string& lower_word);
bool is_title(const std::string& lower_word);              // Dr, Mrs, Herr: a person follows
bool is_organisation_word(const std::string& lower_word);  // University, GmbH
bool is_name_particle(const std::string& lower_word);      // van, de, bin: inside a name
bool is_nationality(const std::string& lower_word);        // capitalised, but no name: French
bool is_common_opener(const std::string& lower_word);  // Dinner was …: not a name at the start

}  // namespace ryumem::sandbox
