#include "common/ops/redis_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using testing::HasSubstr;

Environment with(Environment more) {
  more.insert({{"LLM_PROVIDER", "ollama"}, {"EMBEDDING_PROVIDER", "ollama"}});
  return more;
}

std::string refusal_of(const Environment& more) {
  try {
    read_settings({}, with(more));
  } catch (const Failure& failure) {
    EXPECT_EQ(exit_code(failure), 78);
    return failure.what();
  }
  return "";
}

TEST(RedisOf, KnowsAllThatTheSettingsSay) {
  const test::TempDir folder;
  const std::string pem = folder.write("a.pem", "");
  const std::string key = folder.write("a.key", "");
  const Settings settings =
      read_settings({"--redis-ca-file=" + pem, "--redis-cert-file=" + pem},
                    with({{"REDIS_URL", "rediss+sentinel://bob:pw@one,two/jobs/3"},
                          {"REDIS_KEY_FILE", key},
                          {"REDIS_SENTINEL_PASSWORD_FILE", folder.write("word", "s3cret\n")}}));
  const RedisUrl url = redis_of(settings);
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.service, "jobs");
  EXPECT_EQ(url.database, 3);
  EXPECT_EQ(url.user, "bob");
  EXPECT_EQ(url.password, "pw");
  EXPECT_EQ(url.sentinel_password, "s3cret");
  EXPECT_EQ(url.files.authorities, pem);
  EXPECT_EQ(url.files.certificate, pem);
  EXPECT_EQ(url.files.key, key);
  // So do the workers, which are told by their environment.
  EXPECT_EQ(redis_of(from_environment(to_environment(settings))).sentinel_password, "s3cret");
}

TEST(RedisOf, RefusesWhatDoesNotFitTheUrl) {
  const test::TempDir folder;
  const std::string pem = folder.write("a.pem", "");
  EXPECT_THAT(refusal_of({{"REDIS_CA_FILE", pem}}),
              HasSubstr("REDIS_CA_FILE: REDIS_URL asks for no TLS"));
  const Environment tls = {{"REDIS_URL", "rediss://cache"}};
  const auto over_tls = [&tls](Environment more) {
    more.insert(tls.begin(), tls.end());
    return refusal_of(more);
  };
  EXPECT_EQ(over_tls({{"REDIS_CA_FILE", pem}}), "");
  EXPECT_THAT(over_tls({{"REDIS_CA_FILE", "/nowhere.pem"}}),
              HasSubstr("REDIS_CA_FILE: /nowhere.pem: No such file"));
  EXPECT_THAT(over_tls({{"REDIS_CERT_FILE", pem}}), HasSubstr("without REDIS_KEY_FILE"));
  EXPECT_THAT(over_tls({{"REDIS_KEY_FILE", pem}}), HasSubstr("without REDIS_CERT_FILE"));
  EXPECT_THAT(over_tls({{"REDIS_SENTINEL_PASSWORD", "s3cret"}}), HasSubstr("names no sentinels"));
}

}  // namespace
}  // namespace ryumem
