// A few digits that stand for a text, such as an address with a key.
#pragma once

#include <string>
#include <string_view>

namespace ryumem {

/// Eight hexadecimal digits: enough to tell texts apart, and far too few to find one by.
std::string digest(std::string_view text);

}  // namespace ryumem
