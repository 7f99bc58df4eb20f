// How many tokens a text will be for a model, without its tokenizer: an estimate that knows
// scripts, since a Chinese character costs what five Latin letters do.
#pragma once

#include <cstddef>
#include <string_view>

namespace ryumem {

/// Rather too many than too few: the estimate is made to bound, not to bill.
std::size_t estimate_tokens(std::string_view utf8);

}  // namespace ryumem
