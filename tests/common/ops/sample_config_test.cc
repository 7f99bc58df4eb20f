#include "common/ops/sample_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/ops/options.h"
#include "common/ops/settings_file.h"
#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

// "#name = value" becomes "name = value"; "# prose" stays.
std::string uncommented(const std::string& text) {
  std::string out;
  for (const std::string& line : split(text, '\n')) {
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    out += (setting ? line.substr(1) : line) + "\n";
  }
  return out;
}

Settings read(const test::TempDir& folder, const std::string& text) {
  return read_partial_configuration({"--config=" + folder.write("conf", text)}, {}).settings;
}

TEST(SampleConfig, SaysNothingAsItIs) {
  const test::TempDir folder;
  EXPECT_EQ(to_environment(read(folder, sample_config())),
            to_environment(read_partial_configuration({"--config="}, {}).settings));
  Mistakes mistakes;
  std::vector<std::string> headings;
  for (int i = 0; i < static_cast<int>(Section::count); ++i)
    headings.emplace_back(name(static_cast<Section>(i)));
  EXPECT_TRUE(parse_config("sample", sample_config(), headings, mistakes).empty());
  EXPECT_FALSE(mistakes.any());
}

TEST(SampleConfig, SaysTheDefaultsWhenItsLinesAreUncommented) {
  const test::TempDir folder;
  const std::string text = uncommented(sample_config());
  EXPECT_EQ(to_environment(read(folder, text)),
            to_environment(read_partial_configuration({"--config="}, {}).settings));
}

TEST(SampleConfig, HasEveryOptionOnce) {
  const std::vector<std::string> lines = split(sample_config(), '\n');
  for (const Option& option : option_table()) {
    if (option.section == Section::files) continue;
    const std::string begin = "#" + std::string(option.name) + " =";
    const auto says = [&](const std::string& line) { return line.rfind(begin, 0) == 0; };
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(), says), 1) << option.name;
  }
  for (const std::string& line : lines) EXPECT_LE(line.size(), 130u) << line;
}

}  // namespace
}  // namespace ryumem
