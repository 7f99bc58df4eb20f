#include "tests/common/net/redis_bench.h"
#include "tests/support/tls_redis.h"

namespace ryumem {
namespace {

using test::certificates;
using test::RedisServer;
using test::TlsRedis;
using test::until_trouble;
using test::with_connection;

RedisUrl url_of(const TlsRedis& server, const std::string& host = "127.0.0.1") {
  RedisUrl url = RedisUrl::parse(server.url(host));
  url.files.authorities = certificates().authority();
  return url;
}

Task<> expect_pong(Redis& redis, Cancel& cancel) {
  RedisCommand ping = {"PING"};
  const RedisReply reply = co_await redis.command(std::move(ping), cancel);
  EXPECT_EQ(reply.text, "PONG");
}

TEST(RedisTls, CarriesCommandsByAddressAndByName) {
  TlsRedis server;
  with_connection(url_of(server), expect_pong);
  with_connection(url_of(server, "localhost"), expect_pong);
}

TEST(RedisTls, CarriesLargeValuesBothWays) {
  TlsRedis server;
  with_connection(url_of(server), [](Redis& redis, Cancel& cancel) -> Task<> {
    const std::string value(8'000'000, 'v');
    RedisCommand set = {"SET", "k", value};
    co_await redis.command(std::move(set), cancel);
    RedisCommand get = {"GET", "k"};
    const RedisReply reply = co_await redis.command(std::move(get), cancel);
    EXPECT_TRUE(reply.text == value);
  });
}

TEST(RedisTls, MatchesRepliesToManyCommandsAtOnce) {
  TlsRedis server;
  with_connection(url_of(server), [](Redis& redis, Cancel& cancel) -> Task<> {
    const auto echo = [](Redis& its_redis, std::string text, Cancel& its_cancel,
                         int& right) -> Task<> {
      RedisCommand command = {"ECHO", text};
      const RedisReply reply = co_await its_redis.command(std::move(command), its_cancel);
      right += reply.text == text;
    };
    int right = 0;
    Scope scope;
    for (int i = 0; i < 500; ++i)
      scope.spawn(echo(redis, std::to_string(i) + std::string(300, 'x'), cancel, right));
    co_await scope.join();
    EXPECT_EQ(right, 500);
  });
}

TEST(RedisTls, ComesBackAfterTheServerDied) {
  TlsRedis server;
  static RedisServer* plain;
  plain = &server.plain();
  with_connection(url_of(server), [](Redis& redis, Cancel& cancel) -> Task<> {
    co_await expect_pong(redis, cancel);
    plain->restart();
    RedisCommand ping = {"PING"};
    const RedisReply reply = co_await test::answered(redis, std::move(ping), cancel);
    EXPECT_EQ(reply.text, "PONG");
  });
}

TEST(RedisTls, RefusesACertificateOfAnAuthorityThatIsNotTrusted) {
  TlsRedis server;
  const test::Certificates others;
  RedisUrl url = url_of(server);
  url.files.authorities = others.authority();
  with_connection(url, [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis, "is not trusted");
    EXPECT_FALSE(redis.connected());
  });
  url.files.authorities.clear();  // the system's do not know it either
  with_connection(url, [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis, "is not trusted");
  });
}

TEST(RedisTls, RefusesACertificateForAnotherName) {
  TlsRedis server;
  with_connection(url_of(server, "127.0.0.2"), [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis,
                           "the certificate of 127.0.0.2 is not trusted: IP address mismatch");
    EXPECT_FALSE(redis.connected());
  });
}

TEST(RedisTls, ShowsItsOwnCertificateToAServerThatWantsOne) {
  TlsRedis server("yes");
  RedisUrl url = url_of(server);
  with_connection(url, [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis, "redis at 127.0.0.1");
    EXPECT_FALSE(redis.connected());
  });
  url.files.certificate = certificates().client();
  url.files.key = certificates().client_key();
  with_connection(url, expect_pong);
}

TEST(RedisTls, NamesTheFileThatCannotBeRead) {
  TlsRedis server;
  RedisUrl url = url_of(server);
  url.files.authorities = "/nowhere/ca.pem";
  with_connection(url, [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis, "/nowhere/ca.pem");
  });
}

TEST(RedisTls, GivesUpOnAServerThatSpeaksNoTls) {
  RedisServer server;
  RedisUrl url = RedisUrl::parse("rediss://127.0.0.1:" + std::to_string(server.port()));
  with_connection(
      url,
      [](Redis& redis, Cancel&) -> Task<> {
        co_await until_trouble(redis, "does it speak TLS there?");
        EXPECT_FALSE(redis.connected());
      },
      Millis(500));
}

TEST(RedisTls, AuthenticatesAnAclUserInADatabase) {
  TlsRedis server;
  server.plain().ask({"ACL", "SETUSER", "worker", "on", ">s3cret", "~*", "+@all"});
  RedisUrl url = url_of(server);
  url.user = "worker";
  url.password = "s3cret";
  url.database = 2;
  with_connection(url, [](Redis& redis, Cancel& cancel) -> Task<> {
    RedisCommand who = {"ACL", "WHOAMI"};
    const RedisReply reply = co_await redis.command(std::move(who), cancel);
    EXPECT_EQ(reply.text, "worker");
    RedisCommand set = {"SET", "here", "1"};
    co_await redis.command(std::move(set), cancel);
  });
  server.plain().ask({"SELECT", "2"});
  EXPECT_EQ(server.plain().ask({"GET", "here"}), "1");
}

}  // namespace
}  // namespace ryumem
