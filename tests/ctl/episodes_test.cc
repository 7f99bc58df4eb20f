#include "ctl/episodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace ryumem {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::regex kUuid4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

TEST(Episodes, AreTheBlocksBetweenEmptyLines) {
  EXPECT_THAT(split_episodes("one\ntwo\n\nthree\n"), ElementsAre("one\ntwo", "three"));
  EXPECT_THAT(split_episodes("\n\n one \n \t\n\n\n  two  \n"), ElementsAre("one", "two"));
  EXPECT_THAT(split_episodes("one\r\n\r\ntwo\r\n"), ElementsAre("one", "two"));
  EXPECT_THAT(split_episodes("one"), ElementsAre("one"));
}

TEST(Episodes, OfATextWithoutWordsAreNone) {
  EXPECT_THAT(split_episodes(""), IsEmpty());
  EXPECT_THAT(split_episodes(" \n\t\n\r\n"), IsEmpty());
}

TEST(Episodes, LeaveOutRemarks) {
  EXPECT_THAT(split_episodes("# a remark\nof two lines\n\none #1\n# not at the front\n\n#"),
              ElementsAre("one #1\n# not at the front"));
}

TEST(Jobs, CarryWhatTheProducerSays) {
  Producer producer;
  producer.user_id = "user_1";
  producer.customer_id = "acme";
  producer.api_key = "k";
  producer.max_retries = 5;
  const std::vector<Job> jobs = make_jobs({"Alice met Bob."}, producer);
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].content, "Alice met Bob.");
  EXPECT_EQ(jobs[0].user_id, "user_1");
  EXPECT_EQ(jobs[0].customer_id, "acme");
  EXPECT_EQ(jobs[0].api_key, "k");
  EXPECT_EQ(jobs[0].retry_count, 0);
  EXPECT_EQ(jobs[0].max_retries, 5);
  EXPECT_TRUE(std::regex_match(jobs[0].id, kUuid4)) << jobs[0].id;
  EXPECT_TRUE(std::regex_match(jobs[0].episode_uuid, kUuid4)) << jobs[0].episode_uuid;
  EXPECT_TRUE(
      std::regex_match(jobs[0].created_at, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})")))
      << jobs[0].created_at;
}

TEST(Jobs, AreToldOfTheEpisodesBeforeThemOldestFirst) {
  Producer producer;
  producer.remembered = 2;
  const std::vector<Job> jobs = make_jobs({"one", "two", "three", "four"}, producer);
  EXPECT_EQ(jobs[0].context, std::nullopt);
  EXPECT_EQ(jobs[1].context, "Previous episodes:\n- Episode: one...");
  EXPECT_EQ(jobs[2].context, "Previous episodes:\n- Episode: one...\n- Episode: two...");
  EXPECT_EQ(jobs[3].context, "Previous episodes:\n- Episode: two...\n- Episode: three...");
}

TEST(Jobs, AreToldOfNothingWhenNothingIsRemembered) {
  Producer producer;
  producer.remembered = 0;
  const std::vector<Job> jobs = make_jobs({"one", "two"}, producer);
  EXPECT_EQ(jobs[1].context, std::nullopt);
}

TEST(Jobs, AreToldOfTheFirstHundredCharactersAndNotOfBytes) {
  std::string characters;
  for (int i = 0; i < 99; ++i) characters += "é";
  const std::string hundred = characters + "😀";
  const std::vector<Job> jobs = make_jobs({hundred + "日本", "two"}, Producer());
  EXPECT_EQ(jobs[1].context, "Previous episodes:\n- Episode: " + hundred + "...");
  const std::vector<Job> exact = make_jobs({hundred, "two"}, Producer());
  EXPECT_EQ(exact[1].context, "Previous episodes:\n- Episode: " + hundred + "...");
}

TEST(Uuids, AreOfVersionFourAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = new_uuid();
    EXPECT_TRUE(std::regex_match(uuid, kUuid4)) << uuid;
    EXPECT_TRUE(seen.insert(uuid).second) << uuid;
  }
}

}  // namespace
}  // namespace ryumem
