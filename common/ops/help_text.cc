// What --help says of the options.
#include <fmt/format.h>

#include <iterator>

#include "common/ops/options.h"

namespace ryumem {

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
  std::string out = fmt::format("{}\n\nUsage: {} [OPTION…]\n\n", purpose, program);
  Section section = Section::count;
  for (const Option& option : option_table()) {
    if (option.section != section) out += fmt::format("{}:\n", name(option.section));
    section = option.section;
    const std::string flag = option.secret ? fmt::format("--{}-file FILE", option.name)
                                           : fmt::format("{} {}", option.flag(), option.value_name);
    const std::string variable =
        option.secret ? fmt::format("{0}, {0}_FILE", option.variable) : option.variable;
    const std::string fallback =
        *option.fallback == '\0' ? "" : fmt::format(" [{}]", option.fallback);
    out += fmt::format("  {:<32} {}\n  {:<32} {}{}\n", flag, variable, "", option.help, fallback);
  }
  return out + fmt::format("\n{}\n", other_flags) +
         "A flag goes before its variable, a variable before the configuration file, and that "
         "before\n"
         "the default in brackets. In the file, options have the names of their flags.\n";
}

}  // namespace ryumem
