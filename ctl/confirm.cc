#include "ctl/confirm.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "common/base/failure.h"
#include "ctl/print.h"

namespace ryumem {

std::string some_of(const std::vector<std::string>& ids) {
  constexpr std::size_t kNamed = 10;
  std::string out;
  for (std::size_t i = 0; i < ids.size() && i < kNamed; ++i)
    out += "  " + one_line(ids[i], kIdLength) + "\n";
  if (ids.size() > kNamed) out += fmt::format("  and {} more\n", ids.size() - kNamed);
  return out;
}

bool confirmed(const std::string& what_will_be, const std::string& undone, bool yes) {
  fmt::print(stderr, "{}", what_will_be);
  if (yes) return true;
  if (isatty(STDIN_FILENO) == 0)
    throw Failure(Kind::usage, undone + ": there is nobody to ask, so it needs --yes");
  fmt::print(stderr, "Go on? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return true;
  fmt::print(stderr, "{}\n", undone);
  return false;
}

}  // namespace ryumem
