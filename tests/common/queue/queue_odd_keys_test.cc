// Keys that are of another type than they should be: what is everybody's is waited for until
// somebody mends it, what is a job's own is set aside or ends the job.
#include "common/async/scope.h"
#include "common/queue/queue.h"
#include "tests/common/queue/arrows.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::Arrow;
using test::failure_of;
using test::kArrows;
using test::Lines;
using test::QueueBench;
using test::RedisServer;
using test::settle_into;
using test::with_queue;
using testing::ElementsAre;
using testing::HasSubstr;

std::string key_of(const std::string& place) {
  if (place == "pending" || place == "processing")
    return "ryumem:extraction_" + (place == "pending" ? std::string("jobs") : place);
  return "ryumem:" + place;
}

// A transition with `key` of another type: nothing moves until that is mended, then all does.
Task<> wait_for_mending(QueueBench& bench, const Arrow& arrow, std::string key) {
  bench.server.ask({"FLUSHALL"});
  Queue queue(bench.redis, Keys(), "w", test::kLease);
  QueueBench fresh(bench.server, bench.redis, queue, bench.cancel);
  const Claim claim = co_await test::hold(fresh);
  bench.server.ask({"RENAME", key, "aside"});
  bench.server.ask({"SET", key, "a string"});
  bench.server.ask({"CONFIG", "RESETSTAT"});
  const Lines before = bench.state();
  std::vector<Settled> settled;
  Scope scope;
  const Job job = test::job_of(claim);
  scope.spawn(settle_into(&queue, arrow.run, job, &settled, &bench.cancel));
  const std::function<bool()> refused = [&] {
    return bench.server.ask({"INFO", "errorstats"}).find("WRONGTYPE") != std::string::npos;
  };
  co_await test::eventually("Redis has refused it", Seconds(10), refused);
  EXPECT_EQ(bench.state(), before) << arrow.name << " with " << key;
  bench.server.ask({"DEL", key});
  bench.server.ask({"RENAME", "aside", key});
  co_await scope.join();
  EXPECT_THAT(settled, ElementsAre(Settled::done)) << arrow.name << " with " << key;
}

TEST(QueueTrouble, ATransitionWaitsUntilAKeyOfTheWrongTypeIsMended) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const Arrow& arrow : kArrows) {
      if (arrow.name == std::string("start")) continue;  // writes the body alone
      for (const char* key : {"pending", "processing", "owners", "leases", "delayed", "dead"})
        co_await wait_for_mending(bench, arrow, key_of(key));
    }
  });
}

// A transition with a string under `key`, which is the job's own.
Task<> set_aside(QueueBench& bench, const Arrow& arrow, std::string key) {
  bench.server.ask({"FLUSHALL"});
  Queue queue(bench.redis, Keys(), "w", test::kLease);
  QueueBench fresh(bench.server, bench.redis, queue, bench.cancel);
  const Claim claim = co_await test::hold(fresh);
  bench.server.ask({"SET", key, "a string"});
  const Job job = test::job_of(claim);
  const Settled settled = co_await arrow.run(queue, job, bench.cancel);
  EXPECT_EQ(settled, Settled::done) << arrow.name << " with " << key;
  EXPECT_EQ(bench.server.ask({"GET", key + ":odd"}), "a string") << arrow.name;
  EXPECT_EQ(bench.server.ask({"EXISTS", "ryumem:owners", "ryumem:extraction_processing"}), "0");
  const bool delayed = arrow.name == std::string("delay");
  EXPECT_EQ(bench.server.ask({"HEXISTS", "ryumem:journal:a", "attempt:1"}), "1");
  EXPECT_EQ(bench.server.ask({"EXISTS", "ryumem:dead:a"}), delayed ? "0" : "1") << key;
}

TEST(QueueTrouble, AnOddJournalOrLetterIsSetAsideWhenItsJobIsDelayedOrBuried) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const char* name : {"delay", "bury", "bury_unreadable"})
      for (const Arrow& arrow : kArrows)
        for (const char* key : {"ryumem:journal:a", "ryumem:dead:a"})
          if (arrow.name == std::string(name)) co_await set_aside(bench, arrow, key);
  });
}

TEST(QueueTrouble, ANoteInAnOddJournalFailsAtOnceAndNamesIt) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await test::hold(bench);
    bench.server.ask({"SET", "ryumem:journal:a", "a string"});
    const Lines before = bench.state();
    const std::string id = "a";  // these begin later, and hold on to the two
    const std::string token = "w:1:1";
    Task<Settled> noting =
        bench.queue.note(id, token, "entities", "[1]", std::nullopt, bench.cancel);
    const Failure failure = co_await failure_of(std::move(noting));
    EXPECT_EQ(failure.kind(), Kind::gone);
    EXPECT_THAT(failure.what(), HasSubstr("ryumem:journal:a is no hash"));
    Task<Settled> forgetting = bench.queue.forget(id, token, "entities", bench.cancel);
    const Failure other = co_await failure_of(std::move(forgetting));
    EXPECT_EQ(other.kind(), Kind::gone);
    // The late answer of somebody who has lost the job.
    const Settled late =
        co_await bench.queue.note("a", "w:9:9", "entities", "[1]", std::nullopt, bench.cancel);
    EXPECT_EQ(late, Settled::not_ours);
    Caps caps;
    caps.all_usd = 1;
    const Job job = parse_job("a", test::peer_body("a"), 3);
    const Parking parking = co_await bench.queue.park_if_capped(job, "w:1:1", caps, bench.cancel);
    EXPECT_EQ(parking, Parking::go_on);
    EXPECT_EQ(bench.state(), before);
  });
}

}  // namespace
}  // namespace ryumem
