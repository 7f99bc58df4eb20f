#include "man/verbs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/failure.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(ryumemctl: a tool

Usage:
  ryumemctl status [--url URL] [--json]
      How many jobs are where.
      And more. Much more.
      --url URL  where it is, or
                 elsewhere
  ryumemctl jobs ls [--state STATE] [--json]
      The jobs.
  ryumemctl jobs retry ID…|--all [--json]
      Again.
  ryumemctl enqueue [--wait]
                    FILE | --text TEXT
      Puts in.
  ryumemctl [VERB] --help | --version

REDIS_URL says where Redis is.
)";

TEST(Verbs, ComeInTheirOrderWithTheirUsages) {
  const std::vector<VerbPage> verbs = read_verbs(kHelp);
  ASSERT_EQ(verbs.size(), 3u);
  EXPECT_EQ(verbs[0].name, "status");
  EXPECT_EQ(verbs[1].name, "jobs");
  ASSERT_EQ(verbs[1].paragraphs.size(), 2u);
  EXPECT_EQ(verbs[1].paragraphs[0].usages[0].act, "ls");
  EXPECT_EQ(verbs[1].paragraphs[1].usages[0].act, "retry");
  EXPECT_EQ(verbs[2].paragraphs[0].usages[0].line, "ryumemctl enqueue [--wait] FILE | --text TEXT");
}

TEST(Verbs, TellWhatFlagsTakeAValue) {
  const std::vector<VerbPage> verbs = read_verbs(kHelp);
  const std::vector<Usage::Flag>& flags = verbs[0].paragraphs[0].usages[0].flags;
  ASSERT_EQ(flags.size(), 2u);
  EXPECT_EQ(flags[0].name, "--url");
  EXPECT_EQ(flags[0].value, "URL");
  EXPECT_EQ(flags[1].name, "--json");
  EXPECT_EQ(flags[1].value, "");
  EXPECT_EQ(verbs[2].paragraphs[0].usages[0].flags[0].value, "") << "FILE is not --wait's";
}

TEST(Verbs, KeepProseAndRemarksOnWordsApart) {
  const std::vector<Remark> remarks = read_verbs(kHelp)[0].paragraphs[0].remarks;
  ASSERT_EQ(remarks.size(), 2u);
  EXPECT_EQ(remarks[0].of, "");
  EXPECT_EQ(remarks[0].text, "How many jobs are where. And more. Much more.");
  EXPECT_EQ(remarks[1].of, "--url URL");
  EXPECT_EQ(remarks[1].text, "where it is, or elsewhere");
}

TEST(Verbs, AreSummedUpInASentence) {
  EXPECT_EQ(read_verbs(kHelp)[0].summary(), "How many jobs are where");
}

TEST(Verbs, AreNotMadeOfSomethingElse) { EXPECT_THROW(read_verbs("something"), Failure); }

}  // namespace
}  // namespace ryumem
