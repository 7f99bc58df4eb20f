#include "common/base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/secrets.h"
#include "common/base/text.h"
#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

LogSettings me(const std::string& level) { return LogSettings(level, "me"); }

// What is written to stderr meanwhile.
template <class Write>
std::string logged(const LogSettings& settings, Write write) {
  testing::internal::CaptureStderr();
  configure_logging(settings);
  write();
  tell_repeats(true);
  return testing::internal::GetCapturedStderr();
}

std::string two_lines(const std::string& level) {
  return logged(me(level), [] {
    spdlog::debug("quiet {}", 1);
    spdlog::warn("loud {}", 2);
  });
}

TEST(Log, WritesTimeLevelProgramPidAndTextToStderr) {
  EXPECT_THAT(two_lines("info"),
              MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9]{3}[+-][0-9]{2}:[0-9]{2} warning me\\[" +
                           std::to_string(getpid()) + "\\] loud 2\n"));
}

TEST(Log, KeepsQuietBelowItsLevel) {
  EXPECT_THAT(two_lines("debug"), HasSubstr("quiet 1"));
  EXPECT_THAT(two_lines("warning"), HasSubstr("loud 2"));
  EXPECT_EQ(two_lines("error"), "");
  EXPECT_EQ(two_lines("off"), "");
}

TEST(Log, RefusesAnUnknownLevelAndNamesTheKnownOnes) {
  try {
    configure_logging(me("loud"));
    ADD_FAILURE() << "was accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::configuration);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("\"loud\""), HasSubstr("critical")));
  }
}

TEST(Log, NamesTheWorkersPlaceTheJobAndTheStep) {
  LogSettings settings = me("info");
  settings.slot = 3;
  LogSubject subject("j1", "embed_facts");
  subject.number("seconds", "1.250").word("outcome", "delayed");
  EXPECT_THAT(logged(settings, [&] { log_job(spdlog::level::warn, subject, "is {}", "late"); }),
              HasSubstr(" warning me.3[" + std::to_string(getpid()) +
                        "] job j1 (embed_facts): is late seconds=1.250 outcome=delayed\n"));
}

// As systemd starts a service: the variable tells the device and inode of stderr.
template <class Write>
std::string in_the_journal(const LogSettings& settings, unsigned more, Write write) {
  testing::internal::CaptureStderr();
  struct stat status {};
  fstat(STDERR_FILENO, &status);
  const std::string stream =
      std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino + more);
  setenv("JOURNAL_STREAM", stream.c_str(), 1);
  configure_logging(settings);
  write();
  unsetenv("JOURNAL_STREAM");
  return testing::internal::GetCapturedStderr();
}

void one_of_each_severity() {
  spdlog::debug("a");
  spdlog::info("b");
  spdlog::warn("c");
  spdlog::error("d");
  spdlog::critical("e");
}

TEST(Log, TellsTheJournalSeveritiesAndLeavesTheTimeToIt) {
  const std::string who = " me\\[[0-9]+\\] ";
  EXPECT_THAT(in_the_journal(me("debug"), 0, one_of_each_severity),
              MatchesRegex("<7>debug" + who + "a\n<6>info" + who + "b\n<4>warning" + who +
                           "c\n<3>error" + who + "d\n<2>critical" + who + "e\n"));
  LogSettings json = me("info");
  json.json = true;
  EXPECT_THAT(in_the_journal(json, 0, [] { spdlog::warn("c"); }),
              MatchesRegex("<4>\\{\"time\":.*\"text\":\"c\"\\}\n"));
}

TEST(Log, IsAsEverWhereStderrWasSentElsewhereThanToTheJournal) {
  EXPECT_THAT(in_the_journal(me("warning"), 1, one_of_each_severity),
              AllOf(HasSubstr(" error me["), Not(HasSubstr("<3>"))));
}

TEST(Log, WritesJsonObjectsLineByLine) {
  LogSettings settings = me("info");
  settings.slot = 0;
  settings.json = true;
  LogSubject subject("j\"1", "complete");
  subject.number("seconds", "1.250").word("outcome", "dela\nyed");
  const std::string out = logged(settings, [&] {
    log_job(spdlog::level::info, subject, "a \"quote\"\nand more \xff");
    spdlog::warn("plain");
  });
  const std::vector<std::string> lines = split(out, '\n');
  ASSERT_EQ(lines.size(), 3u) << out;
  const JsonDocument first = JsonDocument::parse(lines[0]);
  EXPECT_THAT(std::string(*first.root()["time"].string()),
              MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9]{3}Z"));
  EXPECT_EQ(first.root()["level"].string(), "info");
  EXPECT_EQ(first.root()["program"].string(), "me");
  EXPECT_EQ(first.root()["pid"].integer(), getpid());
  EXPECT_EQ(first.root()["slot"].integer(), 0);
  EXPECT_EQ(first.root()["job"].string(), "j\"1");
  EXPECT_EQ(first.root()["step"].string(), "complete");
  EXPECT_EQ(first.root()["text"].string(), "a \"quote\"\nand more \xef\xbf\xbd");
  EXPECT_EQ(first.root()["seconds"].number(), 1.25);
  EXPECT_EQ(first.root()["outcome"].string(), "dela\nyed");
  const JsonDocument second = JsonDocument::parse(lines[1]);
  EXPECT_EQ(second.root()["text"].string(), "plain");
  EXPECT_FALSE(second.root()["job"].string());
}

TEST(Log, LetsNobodyWriteASecondLineOrGiveOrdersToTheTerminal) {
  const LogSubject subject("j\n2026 critical me[1] fake", "");
  const std::string out = logged(
      me("info"), [&] { log_job(spdlog::level::info, subject, "\x1b[2J\xe2\x80\xae\r{}", "\n"); });
  EXPECT_THAT(out, HasSubstr("job j\\n2026 critical me[1] fake: \\x1b[2J\\u{202e}\\r\\n\n"));
  EXPECT_EQ(split(out, '\n').size(), 2u);
}

TEST(Log, TakesSecretsOutOfEveryPartOfALine) {
  const KeptSecret secret("hush-hush");
  LogSubject subject("hush-hush", "");
  subject.word("what", "hush-hush");
  for (const bool json : {false, true}) {
    LogSettings settings = me("info");
    settings.json = json;
    const std::string out = logged(settings, [&] {
      log_job(spdlog::level::info, subject, "said hush-hush to redis://bob:pw@cache");
    });
    EXPECT_EQ(out.find("hush"), std::string::npos) << out;
    EXPECT_EQ(out.find("pw"), std::string::npos) << out;
    EXPECT_THAT(out, HasSubstr("said *** to redis://***@cache"));
  }
}

TEST(Log, CountsWhatIsSaidAgainAndAgain) {
  const std::string out = logged(me("info"), [] {
    for (int i = 0; i < 100; ++i) spdlog::warn("the same");
    spdlog::warn("another");
  });
  const std::vector<std::string> lines = split(out, '\n');
  ASSERT_EQ(lines.size(), 8u) << out;  // and the empty one behind the last
  EXPECT_THAT(lines[5], HasSubstr("another"));
  EXPECT_THAT(lines[6], HasSubstr("the same (repeated 95 times more)"));
}

TEST(Log, NeverLeavesOutAJobsOwnLine) {
  LogSubject subject("j", "");
  subject.word("outcome", "completed");
  const std::string out = logged(me("info"), [&] {
    for (int i = 0; i < 20; ++i) log_job(spdlog::level::info, subject, "completed");
  });
  EXPECT_EQ(split(out, '\n').size(), 21u);
}

TEST(Log, GoesOnInANewFileWhenTheOldOneWasMovedAway) {
  const test::TempDir folder;
  LogSettings settings = me("info");
  settings.file = folder.file("log");
  configure_logging(settings);
  spdlog::info("one");
  std::filesystem::rename(folder.file("log"), folder.file("log.1"));
  spdlog::info("two");
  reopen_log();
  spdlog::info("three");
  configure_logging(me("info"));
  EXPECT_THAT(test::read_file(folder.file("log.1")), AllOf(HasSubstr("one"), HasSubstr("two")));
  EXPECT_THAT(test::read_file(folder.file("log")), HasSubstr("three"));
  EXPECT_THAT(test::read_file(folder.file("log")), testing::Not(HasSubstr("two")));
}

TEST(Log, GoesOnInTheOldFileIfThereCanBeNoNewOne) {
  const test::TempDir folder;
  std::filesystem::create_directory(folder.file("in"));
  LogSettings settings = me("info");
  settings.file = folder.file("in/log");
  configure_logging(settings);
  std::filesystem::rename(folder.file("in"), folder.file("away"));
  reopen_log();
  spdlog::info("two");
  configure_logging(me("info"));
  EXPECT_THAT(test::read_file(folder.file("away/log")),
              AllOf(HasSubstr("cannot be opened anew"), HasSubstr("two")));
}

TEST(Log, GoesToStderrWhenItsFileTakesNoMore) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "there is no /dev/full";
  LogSettings settings = me("info");
  settings.file = "/dev/full";
  EXPECT_THAT(logged(settings, [] { spdlog::info("one"); }), HasSubstr("one"));
  configure_logging(me("info"));
}

TEST(Log, StaysAsItIsIfAFileCannotBeOpened) {
  LogSettings settings = me("info");
  settings.file = "/nowhere/log";
  const std::string out = logged(me("info"), [&] {
    EXPECT_THROW(configure_logging(settings), Failure);
    spdlog::info("still here");
  });
  EXPECT_THAT(out, HasSubstr("still here"));
}

}  // namespace
}  // namespace ryumem
