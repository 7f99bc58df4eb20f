#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/failure.h"
#include "common/net/redis.h"

namespace ryumem {
namespace {

struct UrlCase {
  const char* text;
  const char* host;
  int port;
  const char* path;
  const char* user;
  const char* password;
  int database;
};

TEST(RedisUrl, ReadsEveryFormOfUrl) {
  const UrlCase cases[] = {
      {"redis://localhost:6379", "localhost", 6379, "", "", "", 0},
      {"redis://", "localhost", 6379, "", "", "", 0},
      {"redis://cache", "cache", 6379, "", "", "", 0},
      {"redis://cache/", "cache", 6379, "", "", "", 0},
      {"redis://cache:7000/3", "cache", 7000, "", "", "", 3},
      {"redis://cache/15?x=y", "cache", 6379, "", "", "", 15},
      {"redis://cache?db=4", "cache", 6379, "", "", "", 4},
      {"redis://:secret@cache:7000", "cache", 7000, "", "", "secret", 0},
      {"redis://bob:secret@cache", "cache", 6379, "", "bob", "secret", 0},
      {"redis://bob:p%40ss%3A%2F%25@cache/1", "cache", 6379, "", "bob", "p@ss:/%", 1},
      {"redis://[::1]:7000/2", "::1", 7000, "", "", "", 2},
      {"redis://[::1]", "::1", 6379, "", "", "", 0},
      {"unix:///run/redis.sock", "", 0, "/run/redis.sock", "", "", 0},
      {"unix:///run/redis.sock?db=2", "", 0, "/run/redis.sock", "", "", 2},
      {"unix://:secret@/run/redis%20x.sock", "", 0, "/run/redis x.sock", "", "secret", 0},
  };
  for (const UrlCase& one : cases) {
    const RedisUrl url = RedisUrl::parse(one.text);
    EXPECT_EQ(url.server.host, one.host) << one.text;
    EXPECT_EQ(url.server.port, one.port) << one.text;
    EXPECT_EQ(url.path, one.path) << one.text;
    EXPECT_EQ(url.user, one.user) << one.text;
    EXPECT_EQ(url.password, one.password) << one.text;
    EXPECT_EQ(url.database, one.database) << one.text;
  }
}

TEST(RedisUrl, KnowsTlsAndSentinels) {
  EXPECT_FALSE(RedisUrl::parse("redis://cache").tls);
  const RedisUrl secure = RedisUrl::parse("rediss://bob:secret@cache/2");
  EXPECT_TRUE(secure.tls);
  EXPECT_EQ(secure.server.text(), "cache:6379");
  EXPECT_EQ(secure.database, 2);
  const RedisUrl url =
      RedisUrl::parse("rediss+sentinel://bob:secret@one,[::1]:7000,three:26380/my%20jobs/3");
  EXPECT_TRUE(url.tls);
  ASSERT_EQ(url.sentinels.size(), 3U);
  EXPECT_EQ(url.sentinels[0].text(), "one:26379");
  EXPECT_EQ(url.sentinels[1].text(), "::1:7000");
  EXPECT_EQ(url.sentinels[2].text(), "three:26380");
  EXPECT_EQ(url.service, "my jobs");
  EXPECT_EQ(url.database, 3);
  EXPECT_EQ(url.user, "bob");
  EXPECT_EQ(url.password, "secret");
  EXPECT_FALSE(RedisUrl::parse("redis+sentinel://one/jobs").tls);
}

TEST(RedisUrl, RefusesWhatIsNoneWithoutShowingThePassword) {
  for (const char* text :
       {"", "localhost:6379", "http://:s3cret@cache", "redis://:s3cret@cache:port",
        "redis://:s3cret@cache:70000", "redis://:s3cret@cache:-1", "redis://:s3cret@cache/one",
        "redis://:s3cret@[::1", "unix://:s3cret@", "unix://:s3cret@relative/path",
        "redis+sentinel://:s3cret@one", "redis+sentinel://:s3cret@one/",
        "redis+sentinel://:s3cret@one:x/jobs", "redis+sentinel://:s3cret@one/jobs/x"}) {
    try {
      RedisUrl::parse(text);
      ADD_FAILURE() << "accepted " << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), Kind::configuration);
      EXPECT_THAT(failure.what(), testing::HasSubstr("REDIS_URL"));
      EXPECT_THAT(failure.what(), testing::Not(testing::HasSubstr("s3cret")));
    }
  }
}

TEST(RedisUrl, NamesItselfWithoutTheCredentials) {
  EXPECT_EQ(RedisUrl::parse("redis://bob:s3cret@cache:7000/2").name(), "redis at cache:7000 db 2");
  EXPECT_EQ(RedisUrl::parse("unix://:s3cret@/run/r.sock").name(), "redis at /run/r.sock");
  EXPECT_EQ(RedisUrl::parse("redis+sentinel://:s3cret@one,two:7000/jobs").name(),
            "redis at jobs of the sentinels one:26379 two:7000");
}

}  // namespace
}  // namespace ryumem
