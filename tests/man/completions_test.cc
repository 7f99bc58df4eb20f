#include "man/completions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "supervisor/about.h"
#include "tests/support/child_process.h"

namespace ryumem {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

constexpr Millis kLimit{30'000};
constexpr std::string_view kVerbs = R"(Usage:
  ryumemctl status [--url URL] [--json]
      How it is.
  ryumemctl jobs ls [--state STATE] [--json]
      The jobs.
  ryumemctl jobs cancel ID…|--state STATE [--yes]
      No more.
  ryumemctl pause [all|PROVIDER]… [--json]
      Stop.
  ryumemctl enqueue [--wait] FILE
      Puts in.
  ryumemctl [VERB] --help
)";

std::vector<ShellFlag> our_flags() {
  return flags_of_ryumemd(option_table(),
                          "  --workers N   x\n  --check-config   say what is wrong\n"
                          "  --help, --version\n");
}

// What bash offers for the last word of a command line.
std::string offered(const std::string& file, const std::string& function,
                    const std::vector<std::string>& words) {
  const test::TempDir folder;
  const std::string path = folder.write("completion", file);
  std::string line = "source " + path + "; COMP_WORDS=(";
  for (const std::string& word : words) line += "'" + word + "' ";
  line += "); COMP_CWORD=" + std::to_string(words.size() - 1) + "; " + function +
          "; echo ${COMPREPLY[@]}";
  test::ChildProcess bash({"bash", "-c", line});
  EXPECT_EQ(bash.wait(kLimit), 0) << bash.err();
  EXPECT_EQ(bash.err(), "");
  std::string out = bash.out();
  if (!out.empty()) out.pop_back();
  return out;
}

TEST(Completions, HaveEveryOptionOfTheTable) {
  const std::vector<ShellFlag> flags = our_flags();
  for (const Shell shell : {Shell::bash, Shell::zsh, Shell::fish}) {
    const std::string file = complete_ryumemd(shell, flags);
    for (const Option& option : option_table()) {
      const std::string name = std::string(option.name) + (option.secret ? "-file" : "");
      EXPECT_THAT(file, HasSubstr((shell == Shell::fish ? "-l " : "--") + name)) << option.name;
    }
  }
}

TEST(Completions, HaveWhatIsNoSettingOnce) {
  std::vector<std::string> names;
  for (const ShellFlag& flag : our_flags())
    if (flag.value.empty()) names.push_back(flag.name);
  EXPECT_THAT(names, ElementsAre("--check-config", "--help", "--version"));
}

TEST(Completions, HaveTheDoctorAndWhatItTakes) {
  std::vector<std::string> names;
  for (const ShellFlag& flag : flags_of_ryumemd(option_table(), help_of_ryumemd()))
    names.push_back(flag.name);
  EXPECT_THAT(names, IsSupersetOf({"--doctor", "--no-paid", "--json", "--check-config"}));
}

// A name that is too long for its column, say.
TEST(Completions, AreRefusedForWhatIsNoFlag) {
  for (const char* line :
       {"  --odd N   x\n", "  --odd VARIABLE, VARIABLE_FILE\n", "  --a, b   x\n"})
    EXPECT_THROW(flags_of_ryumemd(option_table(), line), Failure) << line;
  const std::string crowded = "  --redis-url-file FILE REDIS_URL, REDIS_URL_FILE\n";
  EXPECT_EQ(flags_of_ryumemd(option_table(), crowded).size(), option_table().size());
}

TEST(Completions, OfferNoFlagForASecret) {
  EXPECT_THAT(complete_ryumemd(Shell::bash, our_flags()), Not(HasSubstr("--internal-key ")));
}

TEST(Completions, OfferFlagsAndWordsInBash) {
  const std::string file = complete_ryumemd(Shell::bash, our_flags());
  EXPECT_EQ(offered(file, "_ryumemd", {"ryumemd", "--work"}), "--workers");
  EXPECT_EQ(offered(file, "_ryumemd", {"ryumemd", "--log-level", "w"}), "warning");
  EXPECT_EQ(offered(file, "_ryumemd", {"ryumemd", "--enabled", ""}), "true false");
  EXPECT_EQ(offered(file, "_ryumemd", {"ryumemd", "--workers", ""}), "");
  EXPECT_EQ(offered(file, "_ryumemd", {"ryumemd", "--require", "redis,s"}), "redis,server");
}

TEST(Completions, OfferFilesInBash) {
  const test::TempDir folder;
  const std::string path = folder.write("my.conf", "");
  const std::string file = complete_ryumemd(Shell::bash, our_flags());
  EXPECT_EQ(offered(file, "_ryumemd", {"ryumemd", "--config", folder.file("my.")}), path);
}

TEST(Completions, OfferVerbsAndTheirFlagsInBash) {
  const std::string file = complete_ryumemctl(Shell::bash, read_verbs(kVerbs));
  const auto words = [&file](const std::vector<std::string>& line) {
    return offered(file, "_ryumemctl", line);
  };
  EXPECT_EQ(words({"ryumemctl", ""}), "status jobs pause enqueue --help --version");
  EXPECT_EQ(words({"ryumemctl", "status", ""}), "--url --json --help");
  EXPECT_EQ(words({"ryumemctl", "jobs", ""}), "ls cancel --help");
  EXPECT_EQ(words({"ryumemctl", "jobs", "ls", "--"}), "--state --json --help");
  EXPECT_EQ(words({"ryumemctl", "jobs", "ls", "--state", "de"}), "delayed dead");
  EXPECT_EQ(words({"ryumemctl", "jobs", "ls", "--state", "p"}), "pending processing parked");
  EXPECT_EQ(words({"ryumemctl", "jobs", "cancel", "--state", "de"}), "delayed");
  EXPECT_EQ(words({"ryumemctl", "jobs", "cancel", "--y"}), "--yes");
  EXPECT_EQ(words({"ryumemctl", "pause", ""}), "all gemini openai ollama litellm --json --help");
}

TEST(Completions, KeepQuotesOutOfQuotes) {
  ShellFlag flag;
  flag.name = "--x";
  flag.value = "N";
  flag.help = "the model's [best]: one";
  EXPECT_THAT(complete_ryumemd(Shell::zsh, {flag}),
              HasSubstr("'--x[the models (best)\\: one]:N: '"));
  EXPECT_THAT(complete_ryumemd(Shell::fish, {flag}), HasSubstr("-d 'the models [best]: one'"));
}

}  // namespace
}  // namespace ryumem
