#include "common/net/redis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/async/timer.h"
#include "common/net/listener.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::RedisServer;
using test::run_on_loop;
using testing::HasSubstr;

constexpr Millis kLimit(2000);

RedisCommand words(const std::string& text, const std::string& last = "") {
  RedisCommand out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (!last.empty()) out.push_back(last);
  return out;
}

// The reply's text, or its integer, or what it threw.
Task<std::string> ask(Redis& redis, RedisCommand command, Cancel& cancel) {
  try {
    const RedisReply reply = co_await redis.command(command, cancel);
    if (reply.type == RedisReply::Type::integer) co_return std::to_string(reply.integer);
    if (reply.is_nil()) co_return "(nil)";
    co_return reply.text;
  } catch (const Failure& failure) {
    co_return std::string(name(failure.kind())) + " " + failure.what();
  }
}

Task<> ask_into(Redis& redis, RedisCommand command, Cancel& cancel, std::string& into) {
  into = co_await ask(redis, command, cancel);
}

Task<> until_connected(Redis& redis, bool expected) {
  const std::function<bool()> as_expected = [&] { return redis.connected() == expected; };
  co_await eventually("the connection to change", Seconds(10), as_expected);
}

// Runs `body` with a connection to `server`.
void with_redis(RedisServer& server, Task<> (*body)(Redis&, RedisServer&, Cancel&),
                Millis limit = kLimit, std::string url = "") {
  if (url.empty()) url = server.url();
  const auto main = [](RedisServer& its_server, Task<> (*its_body)(Redis&, RedisServer&, Cancel&),
                       Millis its_limit, std::string its_url) -> Task<> {
    Cancel never;
    Redis redis(RedisUrl::parse(its_url), its_limit);
    std::exception_ptr failed;
    try {
      co_await its_body(redis, its_server, never);
    } catch (...) {
      failed = std::current_exception();
    }
    co_await redis.close();
    if (failed) std::rethrow_exception(failed);
  };
  run_on_loop(main(server, body, limit, url));
}

TEST(Redis, GivesRepliesOfEveryType) {
  RedisServer server;
  with_redis(server, [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
    RedisCommand command = words("SET k", std::string("a\0\r\nb", 5));
    const RedisReply status = co_await redis.command(command, never);
    EXPECT_EQ(status.type, RedisReply::Type::status);
    EXPECT_EQ(status.text, "OK");
    command = words("GET k");
    const RedisReply string = co_await redis.command(command, never);
    EXPECT_EQ(string.type, RedisReply::Type::string);
    EXPECT_EQ(string.text, std::string("a\0\r\nb", 5));
    command = words("GET none");
    const RedisReply nil = co_await redis.command(command, never);
    EXPECT_TRUE(nil.is_nil());
    command = words("RPUSH l x y");
    const RedisReply integer = co_await redis.command(command, never);
    EXPECT_EQ(integer.integer, 2);
    command = words("LRANGE l 0 -1");
    const RedisReply array = co_await redis.command(command, never);
    EXPECT_EQ(array.type, RedisReply::Type::array);
    EXPECT_EQ(array.items.size(), 2U);
    EXPECT_EQ(array.items.back().text, "y");
    command = words("INCR l");
    const RedisReply error = co_await redis.command(command, never);
    EXPECT_TRUE(error.is_error());
    EXPECT_THAT(error.text, HasSubstr("WRONGTYPE"));
  });
}

TEST(Redis, MatchesEachReplyToItsCommand) {
  RedisServer server;
  with_redis(server, [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
    std::vector<std::string> replies(500);
    Scope scope;
    for (std::size_t i = 0; i < replies.size(); ++i)
      scope.spawn(ask_into(redis, words("ECHO", std::to_string(i)), never, replies[i]));
    co_await scope.join();
    for (std::size_t i = 0; i < replies.size(); ++i) EXPECT_EQ(replies[i], std::to_string(i));
  });
}

TEST(Redis, CarriesLargeValues) {
  RedisServer server;
  with_redis(
      server,
      [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
        const std::string value(8'000'000, 'v');
        const std::string set = co_await ask(redis, words("SET k", value), never);
        const std::string got = co_await ask(redis, words("GET k"), never);
        EXPECT_EQ(set, "OK");
        EXPECT_TRUE(got == value);
      },
      Seconds(20));
}

TEST(Redis, WaitsForAServerThatIsNotThereYet) {
  RedisServer server;
  server.kill();
  with_redis(server, [](Redis& redis, RedisServer& its_server, Cancel& never) -> Task<> {
    std::string reply;
    Scope scope;
    scope.spawn(ask_into(redis, words("PING"), never, reply));
    const std::function<bool()> troubled = [&redis] {
      return redis.trouble().find("connection refused") != std::string::npos;
    };
    co_await eventually("the trouble to be named", Seconds(5), troubled);
    EXPECT_FALSE(redis.connected());
    its_server.restart();
    co_await scope.join();
    EXPECT_EQ(reply, "PONG");
    EXPECT_TRUE(redis.connected());
    EXPECT_EQ(redis.trouble(), "");
  });
}

TEST(Redis, ComesBackAfterTheServerDied) {
  RedisServer server;
  with_redis(server, [](Redis& redis, RedisServer& its_server, Cancel& never) -> Task<> {
    for (int round = 0; round < 3; ++round) {
      const std::string pong = co_await ask(redis, words("PING"), never);
      EXPECT_EQ(pong, "PONG");
      its_server.kill();
      co_await until_connected(redis, false);
      its_server.restart();
      co_await until_connected(redis, true);
    }
  });
}

TEST(Redis, FailsACommandThatIsUnderWayWhenTheServerDies) {
  RedisServer server;
  with_redis(server, [](Redis& redis, RedisServer& its_server, Cancel& never) -> Task<> {
    co_await until_connected(redis, true);
    its_server.freeze();
    std::string reply;
    Scope scope;
    scope.spawn(ask_into(redis, words("PING"), never, reply));
    Cancel pause;
    co_await Sleep(Millis(20), pause);
    its_server.kill();
    co_await scope.join();
    EXPECT_THAT(reply, HasSubstr("transient redis at 127.0.0.1:"));
  });
}

TEST(Redis, GivesUpAConnectionThatDoesNotAnswerWithinTheLimit) {
  RedisServer server;
  with_redis(
      server,
      [](Redis& redis, RedisServer& its_server, Cancel& never) -> Task<> {
        co_await until_connected(redis, true);
        its_server.freeze();
        const auto from = Monotonic::now();
        const std::string reply = co_await ask(redis, words("PING"), never);
        EXPECT_THAT(reply, HasSubstr("no reply within the limit"));
        EXPECT_GE(Monotonic::now() - from, Millis(290));
        EXPECT_LT(Monotonic::now() - from, Seconds(5));
        its_server.resume();
        const std::string pong = co_await ask(redis, words("PING"), never);
        EXPECT_EQ(pong, "PONG");
      },
      Millis(300));
}

TEST(Redis, KeepsTheLimitBehindACommandThatNobodyWaitsForAnyMore) {
  RedisServer server;
  with_redis(
      server,
      [](Redis& redis, RedisServer& its_server, Cancel& never) -> Task<> {
        co_await until_connected(redis, true);
        its_server.freeze();
        Cancel cancel;
        std::exception_ptr cancelled;
        const auto block = [](Redis& on, Cancel& its_cancel, std::exception_ptr& into) -> Task<> {
          try {
            co_await on.blocking_command(words("BLPOP none 60"), Seconds(60), its_cancel);
          } catch (const Failure&) {
            into = std::current_exception();
          }
        };
        Scope scope;
        scope.spawn(block(redis, cancel, cancelled));
        Cancel pause;
        co_await Sleep(Millis(20), pause);
        cancel.request(Failure(Kind::stopping, "enough"));
        co_await scope.join();
        EXPECT_TRUE(cancelled);
        const std::string reply = co_await ask(redis, words("PING"), never);
        EXPECT_THAT(reply, HasSubstr("no reply within the limit"));
        its_server.resume();
      },
      Millis(300));
}

// A Redis at the end of a slow link: it answers the greeting, and whatever comes then with a string
// of which a byte comes every 100 ms.
class SlowRedis {
 public:
  explicit SlowRedis(int bytes)
      : bytes_(bytes), listener_("127.0.0.1", 0, [this](Stream stream) {
          scope_.spawn(serve(std::move(stream)));
        }) {}
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(listener_.port()); }
  /// Must be awaited before the destruction.
  Task<> stop() {
    cancel_.request(Failure(Kind::stopping, "over"));
    co_await scope_.join();
  }

 private:
  Task<> serve(Stream client) {
    try {
      co_await client.read(cancel_);
      std::string bytes = "+PONG\r\n";
      co_await client.write(bytes, cancel_);
      co_await client.read(cancel_);
      bytes = "$" + std::to_string(bytes_) + "\r\n";
      co_await client.write(bytes, cancel_);
      bytes = "x";
      for (int i = 0; i < bytes_; ++i) {
        co_await Sleep(Millis(100), cancel_);
        co_await client.write(bytes, cancel_);
      }
      bytes = "\r\n";
      co_await client.write(bytes, cancel_);
      co_await client.read(cancel_);
    } catch (const Failure&) {
      // The client has gone, or the test is over.
    }
  }

  int bytes_;
  Cancel cancel_;
  Scope scope_;
  Listener listener_;
};

// What a client with a limit of a second gets of a slow reply of so many bytes.
Task<> ask_slowly(int bytes, std::string& reply) {
  SlowRedis slow(bytes);
  Cancel never;
  Redis redis(RedisUrl::parse(slow.url()), Millis(1000));
  RedisCommand get = words("GET k");
  co_await ask_into(redis, get, never, reply);
  co_await redis.close();
  co_await slow.stop();
}

TEST(Redis, WaitsForLongerThanTheLimitWhileAReplyIsComing) {
  std::string reply;
  run_on_loop(ask_slowly(17, reply));
  EXPECT_EQ(reply, std::string(17, 'x'));
}

TEST(Redis, GivesUpAReplyThatComesForThreeTimesTheLimit) {
  std::string reply;
  const auto from = Monotonic::now();
  run_on_loop(ask_slowly(1000, reply));
  EXPECT_THAT(reply, HasSubstr("no reply within the limit"));
  EXPECT_GE(Monotonic::now() - from, Millis(2900));
}

TEST(Redis, BlocksForLongerThanTheLimitWhereThatIsWanted) {
  RedisServer server;
  with_redis(
      server,
      [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
        RedisCommand command = words("BLPOP none 0.6");
        const RedisReply reply = co_await redis.blocking_command(command, Seconds(1), never);
        EXPECT_TRUE(reply.is_nil());
      },
      Millis(200));
}

TEST(Redis, KeepsItsOrderAfterACancelledCommand) {
  RedisServer server;
  with_redis(server, [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
    co_await until_connected(redis, true);
    Cancel cancel;
    std::string ended;
    const auto block = [](Redis& on, Cancel& its_cancel, std::string& into) -> Task<> {
      try {
        co_await on.blocking_command(words("BLPOP none 0.2"), Seconds(5), its_cancel);
      } catch (const Failure& failure) {
        into = failure.what();
      }
    };
    Scope scope;
    scope.spawn(block(redis, cancel, ended));
    Cancel pause;
    co_await Sleep(Millis(20), pause);
    cancel.request(Failure(Kind::stopping, "enough"));
    co_await scope.join();
    EXPECT_EQ(ended, "enough");
    const std::string echo = co_await ask(redis, words("ECHO mine"), never);
    EXPECT_EQ(echo, "mine");
  });
}

TEST(Redis, StopsWaitingForAConnectionWhenCancelled) {
  RedisServer server;
  server.kill();
  with_redis(server, [](Redis& redis, RedisServer&, Cancel&) -> Task<> {
    Cancel cancel;
    const Deadline deadline(cancel, Millis(30), Failure(Kind::stopping, "enough"));
    const std::string reply = co_await ask(redis, words("PING"), cancel);
    EXPECT_EQ(reply, "stopping enough");
  });
}

TEST(Redis, AuthenticatesAndSelectsItsDatabase) {
  RedisServer server({"--requirepass", "s3cret"});
  const std::string where = "127.0.0.1:" + std::to_string(server.port());
  server.ask({"AUTH", "s3cret"});
  const auto set = [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
    const std::string ok = co_await ask(redis, words("SET k in-two"), never);
    EXPECT_EQ(ok, "OK");
  };
  with_redis(server, set, kLimit, "redis://:s3cret@" + where + "/2");
  EXPECT_EQ(server.ask({"GET", "k"}), "(nil)");
  server.ask({"SELECT", "2"});
  EXPECT_EQ(server.ask({"GET", "k"}), "in-two");
}

TEST(Redis, NamesAWrongPasswordAsItsTroubleWithoutShowingIt) {
  RedisServer server({"--requirepass", "s3cret"});
  const auto wrong = [](Redis& redis, RedisServer&, Cancel&) -> Task<> {
    const std::function<bool()> refused = [&redis] {
      return redis.trouble().find("WRONGPASS") != std::string::npos;
    };
    co_await eventually("the refusal", Seconds(5), refused);
    EXPECT_EQ(redis.trouble().find("wr0ng"), std::string::npos);
    EXPECT_FALSE(redis.connected());
  };
  with_redis(server, wrong, kLimit, "redis://:wr0ng@127.0.0.1:" + std::to_string(server.port()));
}

TEST(Redis, SpeaksOverAUnixSocket) {
  RedisServer server;
  const auto ping = [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
    const std::string pong = co_await ask(redis, words("PING"), never);
    EXPECT_EQ(pong, "PONG");
  };
  with_redis(server, ping, kLimit, "unix://" + server.socket_path());
}

TEST(Redis, ThrowsWhatSaysThatRedisIsNotServing) {
  RedisServer server;
  with_redis(server, [](Redis& redis, RedisServer& its_server, Cancel& never) -> Task<> {
    its_server.ask({"REPLICAOF", "127.0.0.1", "1"});
    const std::string readonly = co_await ask(redis, words("SET k v"), never);
    EXPECT_THAT(readonly, HasSubstr("transient redis at"));
    EXPECT_THAT(readonly, HasSubstr("READONLY"));
    its_server.ask({"REPLICAOF", "NO", "ONE"});
    // It connects anew, since the name may lead to another server now; until it has noticed that
    // the old connection is closed, a command may still fail.
    std::string ok = "transient";
    for (int i = 0; i < 100 && ok.rfind("transient", 0) == 0; ++i)
      ok = co_await ask(redis, words("SET k v"), never);
    EXPECT_EQ(ok, "OK");
  });
}

TEST(Redis, EndsWhatWaitsWhenItIsClosed) {
  RedisServer server;
  with_redis(server, [](Redis& redis, RedisServer&, Cancel& never) -> Task<> {
    co_await until_connected(redis, true);
    std::string ended;
    const auto block = [](Redis& on, Cancel& its_cancel, std::string& into) -> Task<> {
      try {
        co_await on.blocking_command(words("BLPOP none 60"), Seconds(60), its_cancel);
      } catch (const Failure& failure) {
        into = name(failure.kind());
      }
    };
    Scope scope;
    scope.spawn(block(redis, never, ended));
    Cancel pause;
    co_await Sleep(Millis(20), pause);
    co_await redis.close();
    co_await scope.join();
    EXPECT_EQ(ended, "stopping");
    const std::string after = co_await ask(redis, words("PING"), never);
    EXPECT_THAT(after, HasSubstr("stopping"));
  });
}

}  // namespace
}  // namespace ryumem
