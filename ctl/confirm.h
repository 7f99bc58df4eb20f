// Asking before something is done that cannot be undone.
#pragma once

#include <string>
#include <vector>

namespace ryumem {

/// The first ids of many, a line each, and how many more there are.
std::string some_of(const std::vector<std::string>& ids);

/// Says on standard error what will be done (whole lines), and whether that is wanted: `yes`, or
/// the answer of whoever sits at the terminal. Throws Failure(Kind::usage) with `undone` ("nothing
/// was dropped") if there is nobody to ask.
bool confirmed(const std::string& what_will_be, const std::string& undone, bool yes);

}  // namespace ryumem
