// What --help says of the options.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "common/ops/options.h"

namespace ryumem {
namespace {

std::string flag_and_value(const Option& option) {
  if (option.secret) return fmt::format("--{}-file FILE", option.name);
  return fmt::format("{} {}", option.flag(), option.value_name);
}

}  // namespace

std::string_view name(Section section) {
  constexpr std::string_view words[] = {"workers", "jobs", "queue", "server",
                                        "models",  "http", "logs",  "files"};
  static_assert(std::size(words) == static_cast<std::size_t>(Section::count));
  return words[static_cast<std::size_t>(section)];
}

Option Option::at_restart() const {
  Option copy = *this;
  copy.restart = true;
  return copy;
}

std::string Option::flag() const { return secret ? "" : fmt::format("--{}", name); }

std::string help_text(std::string_view program, std::string_view purpose,
                      std::string_view other_flags) {
  // As wide as the longest, so that what stands behind a flag begins in one column.
  std::size_t width = 0;
  for (const Option& option : option_table())
    width = std::max(width, flag_and_value(option).size());
  std::string out = fmt::format("{}\n\nUsage: {} [OPTION…]\n\n", purpose, program);
  Section section = Section::count;
  for (const Option& option : option_table()) {
    if (option.section != section) out += fmt::format("{}:\n", name(option.section));
    section = option.section;
    const std::string variable =
        option.secret ? fmt::format("{0}, {0}_FILE", option.variable) : option.variable;
    const std::string fallback =
        *option.fallback == '\0' ? "" : fmt::format(" [{}]", option.fallback);
    out += fmt::format("  {:<{}}  {}\n  {:<{}}  {}{}\n", flag_and_value(option), width, variable,
                       "", width, option.help, fallback);
  }
  return out + fmt::format("\n{}\n", other_flags) +
         "A flag goes before its variable, a variable before the configuration file, and that "
         "before\n"
         "the default in brackets. In the file, options have the names of their flags.\n";
}

}  // namespace ryumem
