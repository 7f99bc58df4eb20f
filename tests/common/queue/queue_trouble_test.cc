// What a transition does when it must not happen, or when Redis is in its way: nothing, or all.
#include <csignal>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "common/queue/queue.h"
#include "tests/common/queue/queue_bench.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::failure_of;
using test::job_line;
using test::produce;
using test::QueueBench;
using test::RedisServer;
using test::with_queue;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Lines = std::vector<std::string>;
using Transition = Task<Settled> (Queue::*)(const Job&, const std::string&, Cancel&);

struct Arrow {
  const char* name;
  Transition run;
};
constexpr Arrow kArrows[] = {{"start", &Queue::start},
                             {"complete", &Queue::complete},
                             {"retry", &Queue::retry},
                             {"fail", &Queue::fail},
                             {"give_back", &Queue::give_back}};

TEST(QueueGuard, NoTransitionWritesAnythingForAnotherOwnersJob) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    const Job job = parse_job("a", *claims[0].body, 3);
    bench.server.ask({"HSET", "ryumem:owners", "a", "other:1:1"});
    const Lines before = bench.state();
    for (const Arrow& arrow : kArrows) {
      const Settled settled = co_await (bench.queue.*arrow.run)(job, claims[0].token, bench.cancel);
      EXPECT_EQ(settled, Settled::not_ours) << arrow.name;
      EXPECT_EQ(bench.state(), before) << arrow.name;
    }
    const Settled settled = co_await bench.queue.set_aside("a", claims[0].token, bench.cancel);
    EXPECT_EQ(settled, Settled::not_ours);
    EXPECT_EQ(bench.state(), before);
  });
}

TEST(QueueGuard, NoTransitionWritesAnythingForAJobThatNobodyOwns) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Job job = parse_job("a", test::peer_body("a"), 3);
    const Lines before = bench.state();
    const std::string token = "w:1:1";
    for (const Arrow& arrow : kArrows) {
      const Settled settled = co_await (bench.queue.*arrow.run)(job, token, bench.cancel);
      EXPECT_EQ(settled, Settled::not_ours) << arrow.name;
      EXPECT_EQ(bench.state(), before) << arrow.name;
    }
  });
}

TEST(QueueGuard, AJobIsSettledOnce) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    const Job job = parse_job("a", *claims[0].body, 3);
    co_await bench.queue.complete(job, claims[0].token, bench.cancel);
    const Lines before = bench.state();
    for (const Arrow& arrow : kArrows) {
      const Settled settled = co_await (bench.queue.*arrow.run)(job, claims[0].token, bench.cancel);
      EXPECT_EQ(settled, Settled::not_ours) << arrow.name;
      EXPECT_EQ(bench.state(), before) << arrow.name;
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
    co_await refuse_claim(bench, "ryumem:owners");
    const std::vector<Claim> claims = co_await bench.queue.claim(2, bench.cancel);
    EXPECT_EQ(claims.size(), 2u);
    co_await refuse_claim(bench, "ryumem:extraction_jobs");
  });
}

Task<> settle_into(Queue* queue, Job job, std::string token, std::vector<Settled>* settled,
                   Cancel* cancel) {
  const Settled how = co_await queue->retry(job, token, *cancel);
  settled->push_back(how);
}

TEST(QueueTrouble, ATransitionWaitsUntilAKeyOfTheWrongTypeIsMended) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    const Job job = parse_job("a", *claims[0].body, 3);
    bench.server.ask({"SET", "ryumem:extraction_jobs", "a string"});
    const Lines before = bench.state();
    std::vector<Settled> settled;
    Scope scope;
    scope.spawn(settle_into(&bench.queue, job, claims[0].token, &settled, &bench.cancel));
    const std::function<bool()> refused = [&] {
      return bench.server.ask({"INFO", "errorstats"}).find("WRONGTYPE") != std::string::npos;
    };
    co_await test::eventually("Redis has refused it", Seconds(10), refused);
    EXPECT_EQ(bench.state(), before);
    bench.server.ask({"DEL", "ryumem:extraction_jobs"});
    co_await scope.join();
    EXPECT_THAT(settled, ElementsAre(Settled::done));
    EXPECT_THAT(bench.state(), ElementsAre("ryumem:extraction_jobs list [a]",
                                           job_line("a", "pending", 1, " for a day")));
  });
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
    scope.spawn(settle_into(&bench.queue, job, claims[0].token, &settled, &bench.cancel));
    const std::function<bool()> noticed = [&] { return !bench.redis.connected(); };
    co_await test::eventually("the connection is lost", Seconds(10), noticed);
    EXPECT_THAT(settled, IsEmpty());
    bench.server.restart();
    co_await scope.join();
    EXPECT_EQ(settled.size(), 1u);
    EXPECT_THAT(bench.state(), ElementsAre("ryumem:extraction_jobs list [a]",
                                           job_line("a", "pending", 1, " for a day")));
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
        scope.spawn(settle_into(&bench.queue, job, claims[0].token, &settled, &bench.cancel));
        const std::function<bool()> given_up = [&] { return !bench.redis.connected(); };
        co_await test::eventually("the connection is given up", Seconds(10), given_up);
        bench.server.resume();
        co_await scope.join();
        EXPECT_THAT(settled, ElementsAre(Settled::in_doubt));
        EXPECT_THAT(bench.state(), ElementsAre("ryumem:extraction_jobs list [a]",
                                               job_line("a", "pending", 1, " for a day")));
      },
      Millis(1000));
}

Task<> claim_into(Queue* queue, std::vector<std::size_t>* taken, Cancel* cancel) {
  const std::vector<Claim> claims = co_await queue->claim(2, *cancel);
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
        scope.spawn(claim_into(&bench.queue, &taken, &bench.cancel));
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
