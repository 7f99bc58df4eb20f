#include "common/ops/settings_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> said_by(const std::string& text, Mistakes& mistakes) {
  std::vector<std::string> out;
  for (const SettingLine& line : parse_config("f", text, {"workers", "logs"}, mistakes))
    out.push_back(line.place + " " + line.name + "=" + line.value);
  return out;
}

std::vector<std::string> mistakes_in(const std::string& text) {
  Mistakes mistakes;
  said_by(text, mistakes);
  return mistakes.lines();
}

TEST(ConfigFile, HasNamesAndValuesCommentsAndHeadings) {
  Mistakes mistakes;
  EXPECT_THAT(
      said_by("# a comment\n\n[workers]  # heading\n workers = 2\r\nlisten=a:1 # behind\n"
              "redis-url = redis://h/#1\nempty =\nquoted = ' # a '  # c\n[ logs ]\nx = \"\"",
              mistakes),
      ElementsAre("f:4 workers=2", "f:5 listen=a:1", "f:6 redis-url=redis://h/#1",
                  "f:7 empty=", "f:8 quoted= # a ", "f:10 x="));
  EXPECT_THAT(mistakes.lines(), IsEmpty());
}

TEST(ConfigFile, TellsEveryLineThatIsWrong) {
  EXPECT_THAT(mistakes_in("nonsense\n= 2\n[worker]\n[workers\nlevel = \"a\nok = 1\nx = 'a' b\n"),
              ElementsAre("f:1: expected NAME = VALUE", "f:2: expected NAME = VALUE",
                          "f:3: there is no section [worker]; did you mean workers?",
                          "f:4: expected [SECTION]",
                          "f:5: the quotes around the value do not close at its end",
                          "f:7: the quotes around the value do not close at its end"));
}

TEST(ConfigFile, MayHoldAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 7);
  EXPECT_THAT(mistakes_in(bytes), testing::Not(IsEmpty()));
}

TEST(EnvFile, TellsEveryLineThatIsWrong) {
  Mistakes mistakes;
  const auto lines = parse_env_file("f", "A=1\nexport B = '2'\nbad\n=\nA=3 # no comment", mistakes);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].name + "=" + lines[1].value, "B=2");
  EXPECT_EQ(lines[2].value, "3 # no comment");
  EXPECT_THAT(mistakes.lines(),
              ElementsAre("f:3: expected NAME=VALUE", "f:4: expected NAME=VALUE"));
}

TEST(TextFile, IsRefusedByNameIfItCannotBeReadOrIsHuge) {
  const test::TempDir folder;
  try {
    read_text_file("--config", folder.file("none"));
    ADD_FAILURE() << "was read";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::configuration);
    EXPECT_THAT(failure.what(), HasSubstr("--config " + folder.file("none") + ": cannot read it"));
  }
  const std::string huge = folder.write("huge", std::string((1 << 20) + 1, '\n'));
  EXPECT_THROW(read_text_file("--config", huge), Failure);
  EXPECT_THROW(read_text_file("--config", folder.path()), Failure);
}

TEST(TextFile, KnowsWhetherEverybodyMayReadIt) {
  const test::TempDir folder;
  const std::string file = folder.write("f", "x");
  chmod(file.c_str(), 0640);
  EXPECT_FALSE(readable_by_all(file));
  chmod(file.c_str(), 0644);
  EXPECT_TRUE(readable_by_all(file));
}

}  // namespace
}  // namespace ryumem
