// What a transition does when it must not happen, or when Redis is in its way: nothing, or all.
#include <csignal>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "common/queue/queue.h"
#include "tests/common/queue/arrows.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::Arrow;
using test::Ending;
using test::failure_of;
using test::job_line;
using test::kArrows;
using test::produce;
using test::QueueBench;
using test::RedisServer;
using test::settle_into;
using test::with_queue;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using test::Lines;

TEST(QueueGuard, NoTransitionWritesAnythingForAJobThatNobodyOwns) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Job job = parse_job("a", test::peer_body("a"), 3);
    const Lines before = bench.state();
    for (const Arrow& arrow : kArrows) {
      const Settled settled = co_await arrow.run(bench.queue, job, bench.cancel);
      EXPECT_EQ(settled, Settled::not_ours) << arrow.name;
      EXPECT_EQ(bench.state(), before) << arrow.name;
    }
  });
}

// However it ended, nothing that comes later under the same token changes it.
TEST(QueueGuard, AJobIsSettledOnce) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const Arrow& first : kArrows) {
      if (first.name == std::string("start")) continue;
      bench.server.ask({"FLUSHALL"});
      Queue queue(bench.redis, Keys(), "w", test::kLease);
      QueueBench fresh(bench.server, bench.redis, queue, bench.cancel);
      const Claim claim = co_await test::hold(fresh);
      const Job job = test::job_of(claim);
      const Settled done = co_await first.run(queue, job, bench.cancel);
      EXPECT_EQ(done, Settled::done) << first.name;
      const Lines before = bench.state();
      for (const Arrow& arrow : kArrows) {
        const Settled settled = co_await arrow.run(queue, job, bench.cancel);
        EXPECT_EQ(settled, Settled::not_ours) << arrow.name << " after " << first.name;
        EXPECT_EQ(bench.state(), before) << arrow.name << " after " << first.name;
      }
    }
  });
}

// Claims with `key` of a type that it must not have; nothing may move.
Task<> refuse_claim(QueueBench& bench, std::string key) {
  bench.server.ask({"DEL", key});
  bench.server.ask({"SET", key, "a string"});
  const Lines before = bench.state();
  Task<std::vector<Claim>> claiming = bench.queue.claim(2, bench.cancel);
  const Failure failure = co_await failure_of(std::move(claiming));
  EXPECT_EQ(failure.kind(), Kind::outage);
  EXPECT_THAT(failure.what(), HasSubstr("WRONGTYPE"));
  EXPECT_THAT(failure.what(), HasSubstr("the types of its keys"));
  EXPECT_EQ(bench.state(), before);
  bench.server.ask({"DEL", key});
}

TEST(QueueTrouble, AKeyOfTheWrongTypeFailsTheClaimAndMovesNothing) {
  RedisServer server;
  for (const char* id : {"a", "b"}) produce(server, id);
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await refuse_claim(bench, "ryumem:extraction_processing");
    for (const char* key : {"owners", "leases", "strangers"})
      co_await refuse_claim(bench, std::string("ryumem:") + key);
    const std::vector<Claim> claims = co_await bench.queue.claim(2, bench.cancel);
    EXPECT_EQ(claims.size(), 2u);
    co_await refuse_claim(bench, "ryumem:extraction_jobs");
  });
}

const Ending kDelay = kArrows[2].run;

Lines delayed() {
  return {"ryumem:delayed zset {a in 40 s}", job_line("a", "pending", 1, ""),
          "ryumem:journal:a hash {attempt:1=late}"};
}

const Lines kDurable = {"--appendonly", "yes", "--appendfsync", "always"};

TEST(QueueTrouble, ATransitionWaitsForARedisThatWasKilledAndFinishes) {
  RedisServer server(kDurable);
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    const Job job = parse_job("a", *claims[0].body, 3);
    bench.server.kill();
    std::vector<Settled> settled;
    Scope scope;
    scope.spawn(settle_into(&bench.queue, kDelay, job, &settled, &bench.cancel));
    const std::function<bool()> noticed = [&] { return !bench.redis.connected(); };
    co_await test::eventually("the connection is lost", Seconds(10), noticed);
    EXPECT_THAT(settled, IsEmpty());
    bench.server.restart();
    co_await scope.join();
    EXPECT_EQ(settled.size(), 1u);
    EXPECT_EQ(bench.state(), delayed());
  });
}

TEST(QueueTrouble, ATransitionWhoseAnswerWasLostHappensOnce) {
  RedisServer server;
  produce(server, "a");
  with_queue(
      server,
      [](QueueBench& bench) -> Task<> {
        const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
        const Job job = parse_job("a", *claims[0].body, 3);
        // The script lies in Redis's socket when our connection is given up.
        bench.server.freeze();
        std::vector<Settled> settled;
        Scope scope;
        scope.spawn(settle_into(&bench.queue, kDelay, job, &settled, &bench.cancel));
        const std::function<bool()> given_up = [&] { return !bench.redis.connected(); };
        co_await test::eventually("the connection is given up", Seconds(10), given_up);
        bench.server.resume();
        co_await scope.join();
        EXPECT_THAT(settled, ElementsAre(Settled::in_doubt));
        EXPECT_EQ(bench.state(), delayed());
      },
      Millis(1000));
}

Task<> claim_into(Queue* queue, int most, std::vector<std::size_t>* taken, Cancel* cancel) {
  const std::vector<Claim> claims = co_await queue->claim(most, *cancel);
  taken->push_back(claims.size());
}

TEST(QueueTrouble, AClaimWhoseAnswerWasLostIsPutBackInOrder) {
  RedisServer server;
  for (const char* id : {"a", "b", "c"}) produce(server, id);
  with_queue(
      server,
      [](QueueBench& bench) -> Task<> {
        co_await bench.queue.depths(bench.cancel);  // connected
        const Lines before = bench.state();
        bench.server.freeze();
        std::vector<std::size_t> taken;
        Scope scope;
        scope.spawn(claim_into(&bench.queue, 2, &taken, &bench.cancel));
        const std::function<bool()> given_up = [&] { return !bench.redis.connected(); };
        co_await test::eventually("the connection is given up", Seconds(10), given_up);
        bench.server.resume();
        co_await scope.join();
        EXPECT_THAT(taken, ElementsAre(0u));
        EXPECT_EQ(bench.state(), before);
        // It had really been taken: its script ran, and then the one that put it back.
        EXPECT_THAT(bench.server.ask({"INFO", "commandstats"}), HasSubstr("cmdstat_lmove:calls=2"));
        EXPECT_THAT(bench.server.ask({"INFO", "commandstats"}), HasSubstr("cmdstat_rpush:calls=2"));
      },
      Millis(1000));
}

TEST(QueueTrouble, AfterAClaimWhoseAnswerWasLostFewerAreClaimedAtOnce) {
  RedisServer server;
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) produce(server, id);
  with_queue(
      server,
      [](QueueBench& bench) -> Task<> {
        co_await bench.queue.depths(bench.cancel);  // connected
        bench.server.freeze();
        std::vector<std::size_t> taken;
        Scope scope;
        scope.spawn(claim_into(&bench.queue, 4, &taken, &bench.cancel));
        const std::function<bool()> given_up = [&] { return !bench.redis.connected(); };
        co_await test::eventually("the connection is given up", Seconds(10), given_up);
        bench.server.resume();
        co_await scope.join();
        for (int i = 0; i < 2; ++i) co_await claim_into(&bench.queue, 4, &taken, &bench.cancel);
        EXPECT_THAT(taken, ElementsAre(0u, 2u, 3u));
      },
      Millis(1000));
}

// What keeps Redis from writing for a while, and ends it again.
struct Hindrance {
  const char* name;
  Lines begin;
  Lines end;
};
const Hindrance kHindrances[] = {
    {"READONLY", {"REPLICAOF", "127.0.0.1", "1"}, {"REPLICAOF", "NO", "ONE"}},  // a failover
    {"OOM", {"CONFIG", "SET", "maxmemory", "1"}, {"CONFIG", "SET", "maxmemory", "0"}},
    {"NOREPLICAS",
     {"CONFIG", "SET", "min-replicas-to-write", "1"},
     {"CONFIG", "SET", "min-replicas-to-write", "0"}},
};

TEST(QueueTrouble, ATransitionWaitsForARedisThatDoesNotWriteNow) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const Hindrance& hindrance : kHindrances) {
      bench.server.ask({"FLUSHALL"});
      Queue queue(bench.redis, Keys(), "w", test::kLease);
      produce(bench.server, "a");
      const std::vector<Claim> claims = co_await queue.claim(1, bench.cancel);
      const Job job = test::job_of(claims.at(0));
      const Lines before = bench.state();
      bench.server.ask({"CONFIG", "RESETSTAT"});
      EXPECT_EQ(bench.server.ask(hindrance.begin), "OK") << hindrance.name;
      std::vector<Settled> settled;
      Scope scope;
      scope.spawn(settle_into(&queue, kDelay, job, &settled, &bench.cancel));
      const std::function<bool()> refused = [&] {
        return bench.server.ask({"INFO", "errorstats"}).find(hindrance.name) != std::string::npos;
      };
      co_await test::eventually(hindrance.name, Seconds(10), refused);
      EXPECT_THAT(settled, IsEmpty()) << hindrance.name;
      EXPECT_EQ(bench.state(), before) << hindrance.name;
      EXPECT_EQ(bench.server.ask(hindrance.end), "OK") << hindrance.name;
      co_await scope.join();
      EXPECT_EQ(settled.size(), 1u) << hindrance.name;
      EXPECT_EQ(bench.state(), delayed()) << hindrance.name;
    }
  });
}

TEST(QueueTrouble, ATransitionOutlastsABlackHole) {
  RedisServer server;
  produce(server, "a");
  with_queue(
      server,
      [](QueueBench& bench) -> Task<> {
        const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
        const Job job = test::job_of(claims.at(0));
        const std::uint64_t first = bench.redis.connections();
        bench.server.freeze();
        std::vector<Settled> settled;
        Scope scope;
        scope.spawn(settle_into(&bench.queue, kDelay, job, &settled, &bench.cancel));
        const Monotonic::time_point began = Monotonic::now();
        const std::function<bool()> long_enough = [&] {
          return Monotonic::now() - began > Seconds(4);  // eight times the limit of a reply
        };
        co_await test::eventually("several limits have passed", Seconds(10), long_enough);
        EXPECT_THAT(settled, IsEmpty());
        bench.server.resume();
        co_await scope.join();
        EXPECT_THAT(settled, ElementsAre(Settled::in_doubt));
        EXPECT_GT(bench.redis.connections(), first);
        EXPECT_EQ(bench.state(), delayed());
      },
      Millis(500));
}

TEST(QueueTrouble, WaitingForRedisEndsWithItsCancellation) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    const Job job = parse_job("a", *claims[0].body, 3);
    bench.server.kill();
    Cancel cancel;
    const Deadline deadline(cancel, Millis(200), Failure(Kind::stopping, "enough"));
    Task<Settled> settling = bench.queue.complete(job, claims[0].token, cancel);
    const Failure failure = co_await failure_of(std::move(settling));
    EXPECT_EQ(failure.kind(), Kind::stopping);
  });
}

}  // namespace
}  // namespace ryumem
