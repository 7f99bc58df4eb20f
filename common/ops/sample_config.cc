#include "common/ops/sample_config.h"

#include <fmt/format.h>

#include "common/ops/option_value.h"
#include "common/ops/options.h"

namespace ryumem {
namespace {

constexpr std::string_view kHead =
    R"(# Configuration of ryumemd, read from /etc/ryumemd/ryumemd.conf or the file that --config names.
#
# Lines are `name = value`; the names are those of the flags in `ryumemd --help`. Everything behind a
# `#` is a comment. Quote a value that has a `#` or blanks at its ends. The [headings] keep order and
# have no meaning. Flags and environment variables go before what is said here.
#
# `ryumemd --check-config` finds every mistake in this file. SIGHUP reads it again; what is marked
# "at restart" waits for the next start.
#
# Secrets are better kept elsewhere: `NAME-file = PATH` reads the first line of a file of their own.
# If one stands here, take this file from everybody else: chmod 0640.
)";

// Lines of at most 100 characters, each behind "# ".
std::string comment(const std::string& text) {
  constexpr std::size_t kWidth = 98;
  std::string out, line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > kWidth) {
      out += fmt::format("# {}\n", line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return out + fmt::format("# {}\n", line);
}

std::string remark(const Option& option) {
  std::string remark = option.help;
  const std::string unit =
      std::string(option.value_name) == "N" ? "" : fmt::format("{}, ", option.value_name);
  if (option.most != 0) remark += fmt::format(" ({}{} to {})", unit, option.least, option.most);
  remark += fmt::format(" [{}]", option.variable);
  if (option.restart) remark += " (at restart)";
  return remark;
}

}  // namespace

std::string sample_config() {
  std::string out(kHead);
  Section section = Section::count;
  for (const Option& option : option_table()) {
    if (option.section == Section::files) continue;  // they say where files like this one are
    if (option.section != section) out += fmt::format("\n[{}]\n", name(option.section));
    section = option.section;
    out += "\n" + comment(remark(option));
    out += *option.fallback == '\0' ? fmt::format("#{} =\n", option.name)
                                    : fmt::format("#{} = {}\n", option.name, option.fallback);
    if (option.secret) out += fmt::format("#{}-file =\n", option.name);
  }
  return out;
}

}  // namespace ryumem
