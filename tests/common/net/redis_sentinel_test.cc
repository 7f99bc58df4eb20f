#include "tests/common/net/redis_bench.h"
#include "tests/support/sentinel.h"

namespace ryumem {
namespace {

using test::RedisServer;
using test::Sentinel;
using test::until_trouble;
using test::with_connection;

RedisUrl service_of(const std::vector<int>& sentinels, const std::string& service = "jobs") {
  std::string hosts;
  for (const int port : sentinels)
    hosts += (hosts.empty() ? "" : ",") + std::string("127.0.0.1:") + std::to_string(port);
  return RedisUrl::parse("redis+sentinel://" + hosts + "/" + service + "/1");
}

Task<> write_here(Redis& redis, Cancel& cancel) {
  RedisCommand set = {"SET", "here", "1"};
  const RedisReply reply = co_await test::answered(redis, std::move(set), cancel);
  EXPECT_EQ(reply.text, "OK");
}

TEST(RedisSentinel, LeadsToTheMasterAndItsDatabase) {
  RedisServer master;
  const Sentinel sentinel(master);
  with_connection(service_of({sentinel.port()}), write_here);
  master.ask({"SELECT", "1"});
  EXPECT_EQ(master.ask({"GET", "here"}), "1");
}

TEST(RedisSentinel, IsAskedAfterOthersThatDoNotAnswer) {
  RedisServer master;
  const Sentinel sentinel(master);
  with_connection(service_of({test::free_port(), sentinel.port()}), write_here);
}

TEST(RedisSentinel, IsToldItsOwnPassword) {
  RedisServer master;
  const Sentinel sentinel(master, "s3cret");
  RedisUrl url = service_of({sentinel.port()});
  with_connection(url,
                  [](Redis& redis, Cancel&) -> Task<> { co_await until_trouble(redis, "NOAUTH"); });
  url.sentinel_password = "s3cret";
  with_connection(url, write_here);
}

TEST(RedisSentinel, ThatKnowsNoSuchServiceIsNamedAsTheTrouble) {
  RedisServer master;
  const Sentinel sentinel(master);
  with_connection(service_of({sentinel.port()}, "letters"), [](Redis& redis, Cancel&) -> Task<> {
    co_await until_trouble(redis, "knows no master \"letters\"");
  });
}

TEST(RedisSentinel, LeadsToTheNewMasterAfterAFailover) {
  static RedisServer* old_master;
  static RedisServer* replica;
  static Sentinel* sentinel;
  RedisServer first;
  RedisServer second({"--replicaof", "127.0.0.1", std::to_string(first.port())});
  Sentinel watcher(first);
  old_master = &first;
  replica = &second;
  sentinel = &watcher;
  with_connection(
      service_of({watcher.port()}),
      [](Redis& redis, Cancel& cancel) -> Task<> {
        co_await write_here(redis, cancel);
        const std::function<bool()> known = [] { return sentinel->knows_a_replica(); };
        co_await test::eventually("the sentinel to know the replica", Seconds(30), known);
        old_master->kill();
        co_await write_here(redis, cancel);
        // Its first answer may be that it has closed the test's own connection with its old role.
        const std::function<bool()> promoted = [] {
          try {
            return replica->ask({"ROLE"}).rfind("master", 0) == 0;
          } catch (const std::runtime_error&) {
            return false;
          }
        };
        co_await test::eventually("the replica to say that it is the master", Seconds(5), promoted);
      },
      Millis(2000));
}

}  // namespace
}  // namespace ryumem
