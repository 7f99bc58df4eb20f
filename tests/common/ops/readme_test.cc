// What the README says of the options is what the table has.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/ops/options.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_data.h"

namespace ryumem {
namespace {

std::string options_in_readme() {
  const std::string readme = test::read_file(test::test_data("../README.md"));
  const std::size_t from = readme.find("<!-- options");
  const std::size_t to = readme.find("<!-- end of options");
  if (from == readme.npos || to == readme.npos) return {};
  return readme.substr(from, to - from);
}

std::string row_of(const Option& option) {
  std::string flag = "–";
  if (!option.secret) flag = fmt::format("`{} {}`", option.flag(), option.value_name);
  std::string fallback;
  if (*option.fallback != '\0') fallback = fmt::format("`{}`", option.fallback);
  return fmt::format("| {} | `{}` | {} | {} |\n", flag, option.variable, fallback, option.help);
}

TEST(Readme, HasEveryOptionOfTheTableAsItIsThere) {
  const std::string section = options_in_readme();
  for (const Option& option : option_table())
    EXPECT_NE(section.find(row_of(option)), std::string::npos) << "the README lacks the row\n"
                                                               << row_of(option);
}

TEST(Readme, HasNoOptionThatTheTableLacks) {
  const std::vector<std::string> lines = split(options_in_readme(), '\n');
  const auto rows = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    return line.rfind("| `--", 0) == 0 || line.rfind("| – |", 0) == 0;
  });
  EXPECT_EQ(static_cast<std::size_t>(rows), option_table().size());
}

}  // namespace
}  // namespace ryumem
