// The audit while jobs move under its eyes: nothing that is only on its way is reported, and what
// really is wrong is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "tests/common/queue/broken_jobs.h"

namespace ryumem {
namespace {

using test::plain_body;
using test::RedisServer;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kJobs = "ryumem:extraction_jobs";
const std::string kHands = "ryumem:extraction_processing";

struct Traffic {
  RedisUrl url;
  Cancel stop;   // no new rounds
  Cancel never;  // what was begun is ended
  int produced = 0;
  int completed = 0;
  int moved_by_peers = 0;
  explicit Traffic(RedisServer& server) : url(RedisUrl::parse(server.url())) {}
};

// As the server's producer: the body, and then, as another command, the id.
Task<> produce(Traffic& traffic) {
  Redis redis(traffic.url, Seconds(8));
  while (!traffic.stop.requested()) {
    RedisCommand length = {"LLEN", kJobs};
    const RedisReply waiting = co_await redis.command(std::move(length), traffic.never);
    if (waiting.integer < 200) {
      const std::string id = "j" + std::to_string(++traffic.produced);
      RedisCommand body = {"SET", "ryumem:job:" + id, plain_body(id), "EX", "86400"};
      co_await redis.command(std::move(body), traffic.never);
      RedisCommand push = {"LPUSH", kJobs, id};
      co_await redis.command(std::move(push), traffic.never);
    } else {
      co_await Sleep(Millis(2), traffic.never);
    }
  }
  co_await redis.close();
}

// Every way out of a worker's hands, by turns.
Task<> settle(Queue& queue, const Claim& claim, int turn, Traffic& traffic) {
  const Job job = parse_job(claim.id, *claim.body, 3);
  Cancel& cancel = traffic.never;
  Burial burial;
  burial.kind = "rejected";
  burial.record = "{}";
  co_await queue.start(job, claim.token, cancel);
  co_await queue.note(job.id, claim.token, "entities", "the answer", std::nullopt, cancel);
  if (turn % 8 == 0) {
    co_await queue.delay(job, claim.token, Millis(5), "{}", cancel);
  } else if (turn % 8 == 1) {
    co_await queue.give_back(job, claim.token, turn % 16 == 1, cancel);
  } else if (turn % 64 == 2) {
    co_await queue.bury(job, claim.token, burial, cancel);
  } else {
    const Settled settled = co_await queue.complete(job, claim.token, cancel);
    traffic.completed += settled == Settled::done;
  }
}

Task<> work(Traffic& traffic) {
  Redis redis(traffic.url, Seconds(8));
  Queue queue(redis, Keys(), "w", Seconds(20));
  int turn = 0;
  while (!traffic.stop.requested()) {
    const std::vector<Claim> claims = co_await queue.claim(8, traffic.never);
    for (const Claim& claim : claims) co_await settle(queue, claim, ++turn, traffic);
    co_await Sleep(Millis(1), traffic.never);
  }
  co_await redis.close();
}

Task<> supervise(Traffic& traffic) {
  Redis redis(traffic.url, Seconds(8));
  Queue queue(redis, Keys(), "s", Seconds(20));
  while (!traffic.stop.requested()) {
    co_await queue.promote(traffic.never);
    co_await queue.reclaim("w:", false, traffic.never);
    co_await queue.take_untold(4, Millis(1), traffic.never);
    // Seldom enough that a slow machine gets some jobs done in between.
    co_await Sleep(Millis(40), traffic.never);
  }
  co_await redis.close();
}

// As the Python worker: between two of its commands a job is in no place.
Task<> work_like_a_peer(Traffic& traffic) {
  Redis redis(traffic.url, Seconds(8));
  for (int turn = 0; !traffic.stop.requested(); ++turn) {
    RedisCommand take = {"RPOPLPUSH", kJobs, kHands};
    const RedisReply taken = co_await redis.command(std::move(take), traffic.never);
    const std::string id = taken.text;
    if (taken.is_nil()) {
      co_await Sleep(Millis(1), traffic.never);
      continue;
    }
    RedisCommand begin = {"SET", "ryumem:job:" + id, plain_body(id, "processing"), "EX", "86400"};
    co_await redis.command(std::move(begin), traffic.never);
    co_await Sleep(Millis(2), traffic.never);
    RedisCommand out = {"LREM", kHands, "1", id};
    co_await redis.command(std::move(out), traffic.never);
    co_await Sleep(Millis(turn % 25), traffic.never);
    // A journal of ours that it completed would be left over: that is a true finding.
    RedisCommand journal = {"EXISTS", "ryumem:journal:" + id};
    const RedisReply has_journal = co_await redis.command(std::move(journal), traffic.never);
    const bool again = turn % 3 == 0 || has_journal.integer == 1;
    RedisCommand end = {"SET", "ryumem:job:" + id, plain_body(id, again ? "pending" : "completed"),
                        "EX", "3600"};
    co_await redis.command(std::move(end), traffic.never);
    RedisCommand push = {"LPUSH", kJobs, id};
    if (again) co_await redis.command(std::move(push), traffic.never);
    ++traffic.moved_by_peers;
  }
  co_await redis.close();
}

Task<> audit_in_traffic(RedisServer& server) {
  Traffic traffic(server);
  Redis redis(traffic.url, Seconds(8));
  Queue queue(redis, Keys(), "auditor", Seconds(20));
  Scope scope;
  scope.spawn(produce(traffic));
  scope.spawn(produce(traffic));
  scope.spawn(work(traffic));
  scope.spawn(supervise(traffic));
  for (int peer = 0; peer < 6; ++peer) scope.spawn(work_like_a_peer(traffic));
  // Far longer than a peer's pause, also on a busy machine.
  Audit audit(queue, redis, Millis(1500));
  std::int64_t looked_at = 0;
  // On a slow machine longer, until there was traffic worth the name; the test's limit ends it.
  const auto enough = [&] { return traffic.completed > 200 && traffic.moved_by_peers > 50; };
  for (int round = 0; round < 6 || !enough(); ++round) {
    const AuditReport report = co_await audit.run(round % 2 == 1, traffic.never);
    looked_at += report.looked_at;
    for (const Finding& finding : report.findings)
      ADD_FAILURE() << finding.id << ": " << finding.code << ": " << finding.what;
  }
  test::store_body(server, "lost");
  server.ask({"LPUSH", kHands, "twice", "twice"});
  test::store_body(server, "twice");
  const AuditReport found = co_await audit.run(false, traffic.never);
  std::vector<std::string> names;
  for (const Finding& finding : found.findings) names.push_back(finding.id + ": " + finding.code);
  EXPECT_THAT(names, ElementsAre("lost: no-place", "twice: twice-in-processing"));
  traffic.stop.request(Failure(Kind::stopping, "enough"));
  co_await scope.join();
  co_await redis.close();
  EXPECT_GT(looked_at, 20);  // the audit met the traffic
}

TEST(AuditOnALiveQueue, ReportsWhatIsWrongAndNothingThatIsOnItsWay) {
  RedisServer server;
  test::run_on_loop(audit_in_traffic(server), Seconds(55));
}

}  // namespace
}  // namespace ryumem
