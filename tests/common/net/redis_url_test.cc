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
      {"unix:///run/redis.sock", "", 6379, "/run/redis.sock", "", "", 0},
      {"unix:///run/redis.sock?db=2", "", 6379, "/run/redis.sock", "", "", 2},
      {"unix://:secret@/run/redis%20x.sock", "", 6379, "/run/redis x.sock", "", "secret", 0},
  };
  for (const UrlCase& one : cases) {
    const RedisUrl url = RedisUrl::parse(one.text);
    EXPECT_EQ(url.host, one.host) << one.text;
    EXPECT_EQ(url.port, one.port) << one.text;
    EXPECT_EQ(url.path, one.path) << one.text;
    EXPECT_EQ(url.user, one.user) << one.text;
    EXPECT_EQ(url.password, one.password) << one.text;
    EXPECT_EQ(url.database, one.database) << one.text;
  }
}

TEST(RedisUrl, RefusesWhatIsNoneWithoutShowingThePassword) {
  for (const char* text :
       {"", "localhost:6379", "http://:s3cret@cache", "redis://:s3cret@cache:port",
        "redis://:s3cret@cache:70000", "redis://:s3cret@cache:-1", "redis://:s3cret@cache/one",
        "redis://:s3cret@[::1", "unix://:s3cret@", "unix://:s3cret@relative/path"}) {
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
}

}  // namespace
}  // namespace ryumem
