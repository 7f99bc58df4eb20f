#include "tests/common/net/redis_bench.h"
#include "tests/support/certificates.h"
#include "tests/support/redis_server.h"

namespace ryumem {
namespace {

using test::RedisServer;
using test::until_trouble;
using test::with_connection;

const test::Certificates& certificates() {
  static const test::Certificates made;
  return made;
}

// A Redis that speaks TLS on one port and plainly on another.
class TlsServer {
 public:
  explicit TlsServer(std::string clients = "no")
      : port_(test::free_port()),
        server_({"--tls-port", std::to_string(port_), "--tls-cert-file", certificates().server(),
                 "--tls-key-file", certificates().server_key(), "--tls-ca-cert-file",
                 certificates().authority(), "--tls-auth-clients", clients, "--bind",
                 "127.0.0.1 127.0.0.2"}) {}

  RedisServer& plain() { return server_; }
  RedisUrl url(const std::string& host = "127.0.0.1") const {
    RedisUrl url = RedisUrl::parse("rediss://" + host + ":" + std::to_string(port_));
    url.files.authorities = certificates().authority();
    return url;
  }

 private:
  int port_;
  RedisServer server_;
};

Task<> expect_pong(Redis& redis, Cancel& cancel) {
  RedisCommand ping = {"PING"};
  const RedisReply reply = co_await redis.command(std::move(ping), cancel);
  EXPECT_EQ(reply.text, "PONG");
}

TEST(RedisTls, CarriesCommandsByAddressAndByName) {
  TlsServer server;
  with_connection(server.url(), expect_pong);
  with_connection(server.url("localhost"), expect_pong);
}

TEST(RedisTls, CarriesLargeValuesBothWays) {
  TlsServer server;
  with_connection(server.url(), [](Redis& redis, Cancel& cancel) -> Task<> {
    const std::string value(8'000'000, 'v');
    RedisCommand set = {"SET", "k", value};
    co_await redis.command(std::move(set), cancel);
    RedisCommand get = {"GET", "k"};
    const RedisReply reply = co_await redis.command(std::move(get), cancel);
    EXPECT_TRUE(reply.text == value);
  });
}

TEST(RedisTls, MatchesRepliesToManyCommandsAtOnce) {
  TlsServer server;
  with_connection(server.url(), [](Redis& redis, Cancel& cancel) -> Task<> {
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
  TlsServer server;
  static RedisServer* plain;
  plain = &server.plain();
  with_connection(server.url(), [](Redis& redis, Cancel& cancel) -> Task<> {
    co_await expect_pong(redis, cancel);
    plain->restart();
    RedisCommand ping = {"PING"};
    const RedisReply reply = co_await test::answered(redis, std::move(ping), cancel);
    EXPECT_EQ(reply.text, "PONG");
  });
}

TEST(RedisTls, RefusesACertificateOfAnAuthorityThatIsNotTrusted) {
  TlsServer server;
  const test::Certificates others;
  RedisUrl url = server.url();
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
  TlsServer server;
  with_connection(server.url("127.0.0.2"), [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis,
                           "the certificate of 127.0.0.2 is not trusted: IP address mismatch");
    EXPECT_FALSE(redis.connected());
  });
}

TEST(RedisTls, ShowsItsOwnCertificateToAServerThatWantsOne) {
  TlsServer server("yes");
  RedisUrl url = server.url();
  with_connection(url, [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis, "redis at 127.0.0.1");
    EXPECT_FALSE(redis.connected());
  });
  url.files.certificate = certificates().client();
  url.files.key = certificates().client_key();
  with_connection(url, expect_pong);
}

TEST(RedisTls, NamesTheFileThatCannotBeRead) {
  TlsServer server;
  RedisUrl url = server.url();
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
  TlsServer server;
  server.plain().ask({"ACL", "SETUSER", "worker", "on", ">s3cret", "~*", "+@all"});
  RedisUrl url = server.url();
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
