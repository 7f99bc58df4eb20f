#include "ctl/episode_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "common/base/failure.h"

namespace ryumem {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& line) {
  try {
    job_of_line(line, Producer());
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::usage);
    return failure.what();
  }
  return "none";
}

TEST(EpisodeLines, GiveJobsWithTheProducersOwnWhereTheySayNothing) {
  Producer producer;
  producer.customer_id = "acme";
  producer.api_key = "k";
  const Job job = job_of_line(R"({"content": "Zoë met\nBob.", "user_id": "u1"})", producer);
  EXPECT_EQ(job.content, "Zoë met\nBob.");
  EXPECT_EQ(job.user_id, "u1");
  EXPECT_EQ(job.customer_id, "acme");
  EXPECT_EQ(job.api_key, "k");
  EXPECT_EQ(job.context, std::nullopt);
  EXPECT_EQ(job.id.size(), 36u);
  EXPECT_EQ(job.episode_uuid.size(), 36u);
}

TEST(EpisodeLines, MayBeJobsOutOfRedisWhoseIdsAndCountsAreMadeAnew) {
  Job old;
  old.id = "old-id";
  old.episode_uuid = "e-1";
  old.content = "text";
  old.user_id = "u";
  old.context = "Previous episodes:";
  old.retry_count = 2;
  old.max_retries = 7;
  const Job job = job_of_line(new_body(old), Producer());
  EXPECT_NE(job.id, "old-id");
  EXPECT_EQ(job.episode_uuid, "e-1");
  EXPECT_EQ(job.context, "Previous episodes:");
  EXPECT_EQ(job.retry_count, 0);
  EXPECT_EQ(job.max_retries, 7);
}

TEST(EpisodeLines, ThatAreNoneSayWhy) {
  EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("not an object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("it has no content"));
  EXPECT_THAT(refusal(R"({"content": " \n"})"), HasSubstr("it has no content"));
  EXPECT_THAT(refusal(R"({"content": 3})"), HasSubstr("content is an integer, not a string"));
  EXPECT_THAT(refusal(R"({"content": "x", "text": "y"})"), HasSubstr("no member \"text\""));
  EXPECT_THAT(refusal(R"({"content": "x", "user_id": ""})"), HasSubstr("is empty"));
  EXPECT_THAT(refusal(R"({"content": "x", "max_retries": -1})"), HasSubstr("from 0 to 1000"));
}

TEST(EpisodeLines, AreReadOneByOneAndBounded) {
  std::istringstream stream("one\n\n" + std::string(kLongestLine + 5, 'x') + "\nlast");
  std::string line;
  bool too_long = false;
  EXPECT_TRUE(next_line(stream, line, too_long));
  EXPECT_EQ(line, "one");
  EXPECT_TRUE(next_line(stream, line, too_long));
  EXPECT_EQ(line, "");
  EXPECT_TRUE(next_line(stream, line, too_long));
  EXPECT_TRUE(too_long);
  EXPECT_EQ(line.size(), kLongestLine);
  EXPECT_TRUE(next_line(stream, line, too_long));
  EXPECT_EQ(line, "last");
  EXPECT_FALSE(too_long);
  EXPECT_FALSE(next_line(stream, line, too_long));
}

}  // namespace
}  // namespace ryumem
