// Reading what a model said. It was asked for JSON of a certain shape; whatever else it says is
// data from outside: looked at, counted, never trusted, never evaluated. What is good in an answer
// is kept, what is not is left out for a reason that is counted; an answer that may lack something
// for want of its end is none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/ops/scoreboard.h"
#include "worker/llm/ends.h"
#include "worker/llm/facts.h"
#include "worker/llm/voice.h"

namespace ryumem {

/// Who wrote the text that an answer is about.
struct Author {
  std::string name;  // the user's, normalised; empty if nobody is known
  Voice voice;

  Author(std::string_view text, std::string_view user_id);
};

/// An item of an answer that was not taken.
struct LeftOut {
  Dropped why;
  std::string what;  // in words, as far as it said anything

  LeftOut(Dropped the_why, std::string the_what) : why(the_why), what(std::move(the_what)) {}
};

/// The entities in a model's answer: normalised, the first of equal names, in its order; a word for
/// the first person is the author. Items that name nothing and nobody are left out and counted in
/// `slot`. No entities at all is a valid answer. Throws Failure(Kind::bad_answer) for anything
/// in which there is no list of entities, and for a list in which not one item is usable;
/// Failure(Kind::too_long) for an answer that breaks off, or names more than we take at a time.
/// `left_out`: gets what was left out of an answer that was taken; null: nobody wants to know.
Entities read_entities(std::string_view answer, const Author& author, Slot& slot,
                       std::vector<LeftOut>* left_out = nullptr);

/// The relationships in a model's answer, as above. One whose ends are not both in `ends`, or are
/// the same, is left out and counted.
Relationships read_relationships(std::string_view answer, const KnownEnds& ends, Slot& slot,
                                 std::vector<LeftOut>* left_out = nullptr);

}  // namespace ryumem
