// What somebody who mistyped a word probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// The candidate that takes the fewest changed, missing, added or swapped letters to make of
/// `word`; empty if even that takes too many for a slip of the finger.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean CANDIDATE?", or nothing. `before` is put before the candidate: "--".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view before = "");

}  // namespace ryumem
