// What the cases of the transitions (states_test.cc) leave open: order, portions, tokens, odd keys.
#include "common/queue/queue.h"

#include <ctime>

#include "tests/common/queue/states.h"

namespace ryumem {
namespace {

using test::from_now;
using test::hold;
using test::job_line;
using test::job_of;
using test::kDay;
using test::kHour;
using test::peer_body;
using test::produce;
using test::QueueBench;
using test::RedisServer;
using test::with_queue;
using testing::ElementsAre;
using testing::IsEmpty;

using Lines = std::vector<std::string>;

TEST(Queue, ClaimsTheOldestFirstAndNoMoreThanAsked) {
  RedisServer server;
  for (const char* id : {"a", "b", "c"}) produce(server, id);
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(2, bench.cancel);
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_jobs list [c]", "ryumem:extraction_processing list [b,a]",
                    job_line("a", "pending", 0, kDay), job_line("b", "pending", 0, kDay),
                    job_line("c", "pending", 0, kDay), "ryumem:leases zset {a in 20 s,b in 20 s}",
                    "ryumem:owners hash {a=w:1:1,b=w:1:2}"));
    EXPECT_EQ(claims.size(), 2u);
    if (claims.size() != 2) co_return;
    EXPECT_EQ(claims[0].id, "a");
    EXPECT_EQ(claims[0].token, "w:1:1");
    EXPECT_EQ(claims[1].id, "b");
    EXPECT_EQ(claims[1].token, "w:1:2");
  });
}

// A job whose journal has that many bytes.
void produce_large(RedisServer& server, const std::string& id, int bytes) {
  produce(server, id);
  server.ask({"EVAL", "redis.call('HSET', KEYS[1], 'entities', string.rep('x', ARGV[1]))", "1",
              "ryumem:journal:" + id, std::to_string(bytes)});
}

TEST(Queue, ClaimsNoMoreAtOnceThanALinkCanCarryButAlwaysOne) {
  RedisServer server;
  for (const char* id : {"a", "b", "c", "d"}) produce_large(server, id, 3'000'000);
  for (const char* id : {"e", "f"}) produce_large(server, id, 20'000'000);
  with_queue(server, [](QueueBench& bench) -> Task<> {
    std::vector<std::string> taken;
    for (int i = 0; i < 4; ++i) {
      const std::vector<Claim> claims = co_await bench.queue.claim(32, bench.cancel);
      taken.emplace_back();
      for (const Claim& claim : claims) taken.back() += claim.id;
    }
    EXPECT_THAT(taken, ElementsAre("abc", "de", "f", ""));
  });
}

TEST(Queue, GivesEveryClaimATokenOfItsOwn) {
  RedisServer server;
  for (const char* id : {"a", "b", "c"}) produce(server, id);
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await bench.queue.claim(1, bench.cancel);
    co_await bench.queue.claim(5, bench.cancel);
    EXPECT_EQ(bench.state().back(), "ryumem:owners hash {a=w:1:1,b=w:2:1,c=w:2:2}");
  });
}

TEST(Queue, ClaimsNothingFromAnEmptyListAndWritesNothing) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(32, bench.cancel);
    EXPECT_THAT(claims, IsEmpty());
    EXPECT_THAT(bench.state(), IsEmpty());
  });
}

TEST(Queue, ClaimsAnIdWithoutABodyAndSaysWhatIsMissing) {
  RedisServer server;
  server.ask({"LPUSH", "ryumem:extraction_jobs", "a"});
  server.ask({"HSET", "ryumem:job:b", "x", "1"});
  server.ask({"LPUSH", "ryumem:extraction_jobs", "b"});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(2, bench.cancel);
    EXPECT_EQ(claims.size(), 2u);
    if (claims.size() != 2) co_return;
    EXPECT_EQ(claims[0].body, std::nullopt);
    EXPECT_EQ(claims[0].trouble, "there is no body under its key");
    EXPECT_EQ(claims[1].body, std::nullopt);
    EXPECT_THAT(claims[1].trouble, testing::HasSubstr("WRONGTYPE"));
    EXPECT_THAT(bench.state(),
                ElementsAre("ryumem:extraction_processing list [b,a]", "ryumem:job:b hash {x=1}",
                            "ryumem:leases zset {a in 20 s,b in 20 s}",
                            "ryumem:owners hash {a=w:1:1,b=w:1:2}"));
  });
}

TEST(Queue, RenewsOnlyWhatIsAskedFor) {
  RedisServer server;
  for (const char* id : {"a", "b"}) produce(server, id);
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await bench.queue.claim(2, bench.cancel);
    const std::string then = from_now(bench.server, 3);
    bench.server.ask({"ZADD", "ryumem:leases", then, "a", then, "b"});
    const std::map<std::string, std::string> tokens = {{"b", "w:1:2"}};
    const Lines lost = co_await bench.queue.renew(tokens, bench.cancel);
    EXPECT_THAT(lost, IsEmpty());
    EXPECT_EQ(bench.server.ask({"ZSCORE", "ryumem:leases", "a"}), then);
    EXPECT_NE(bench.server.ask({"ZSCORE", "ryumem:leases", "b"}), then);
  });
}

TEST(Queue, ReclaimsTheJobsOfOneOwnerAloneToTheFrontInTheirOrder) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const char* id : {"a", "b", "c", "d", "e", "f"}) produce(bench.server, id);
    co_await bench.queue.claim(3, bench.cancel);
    Queue other(bench.redis, Keys(), "w2", test::kLease);
    co_await other.claim(1, bench.cancel);
    // A peer worker's job has no owner of ours.
    bench.server.ask({"RPOPLPUSH", "ryumem:extraction_jobs", "ryumem:extraction_processing"});
    EXPECT_EQ(bench.state()[0], "ryumem:extraction_jobs list [f]");
    EXPECT_EQ(bench.state()[1], "ryumem:extraction_processing list [e,d,c,b,a]");
    const TakenBack taken = co_await bench.queue.reclaim("w:", false, bench.cancel);
    EXPECT_EQ(taken.requeued, 3);
    EXPECT_EQ(bench.state()[0], "ryumem:extraction_jobs list [f,c,b,a]");
    EXPECT_EQ(bench.state()[1], "ryumem:extraction_processing list [e,d]");
    EXPECT_EQ(bench.state().back(), "ryumem:owners hash {d=w2:1:1}");
  });
}

TEST(Queue, AReclaimThatIsNoCrashIsNotCounted) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (int i = 0; i < 4; ++i) {
      if (i == 0) produce(bench.server, "a");
      co_await bench.queue.claim(1, bench.cancel);
      const TakenBack taken = co_await bench.queue.reclaim("w:", false, bench.cancel);
      EXPECT_EQ(taken.requeued, 1);
    }
    EXPECT_THAT(bench.state(),
                ElementsAre("ryumem:extraction_jobs list [a]", job_line("a", "pending", 0, kDay)));
  });
}

// A Python worker that had the job before us takes it out of the list under us, as settled.
TEST(Queue, OfAJobThatAnotherHasSettledOnlyTheOwnerIsForgotten) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Lines expected = {job_line("a", "completed", 0, kHour), test::kJournal};
    for (const bool dead : {true, false}) {
      bench.server.ask({"FLUSHALL"});
      co_await hold(bench);
      bench.server.ask({"LREM", "ryumem:extraction_processing", "1", "a"});
      bench.server.ask({"SET", "ryumem:job:a", peer_body("a", "completed", 0), "EX", "3600"});
      bench.server.ask({"ZADD", "ryumem:leases", "1", "a"});
      TakenBack taken;
      if (dead) taken = co_await bench.queue.reclaim("w:", true, bench.cancel);
      if (!dead) taken = co_await bench.queue.expire(bench.cancel);
      EXPECT_EQ(taken.requeued + taken.buried, 0);
      EXPECT_EQ(bench.state(), expected);
    }
  });
}

// The same, but nobody has settled it: our `processing` was written over the other's `completed`,
// say. Forgotten, it would be lost.
TEST(Queue, AJobThatIsInNoListAndNotSettledGoesBackToTheQueueWithItsOwnersEnd) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const bool dead : {true, false}) {
      bench.server.ask({"FLUSHALL"});
      co_await hold(bench);
      bench.server.ask({"LREM", "ryumem:extraction_processing", "1", "a"});
      bench.server.ask({"ZADD", "ryumem:leases", "1", "a"});
      TakenBack taken;
      if (dead) taken = co_await bench.queue.reclaim("w:", true, bench.cancel);
      if (!dead) taken = co_await bench.queue.expire(bench.cancel);
      EXPECT_EQ(taken.requeued, 1);
      EXPECT_EQ(bench.state().front(), "ryumem:extraction_jobs list [a]");
    }
  });
}

// A Redis that stood still carries out what was sent to it meanwhile, also for those who are gone.
TEST(Queue, AnExpiryThatWaitedForRedisTakesNothing) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await hold(bench);
    bench.server.ask({"ZADD", "ryumem:leases", from_now(bench.server, -1), "a"});
    const Lines before = bench.state();
    std::vector<std::string> late = {"3", "500", from_now(bench.server, -2)};
    co_await bench.queue.run("expire", std::move(late), bench.cancel);
    EXPECT_EQ(bench.state(), before);
    const TakenBack taken = co_await bench.queue.expire(bench.cancel);
    EXPECT_EQ(taken.requeued, 1);
  });
}

// Of a job whose end the server has heard of it hears no other end, whatever becomes of the job.
TEST(Queue, AJobWhoseEndWasReportedIsBuriedWithoutAWordToTheServer) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (int crash = 0; crash < 3; ++crash) {
      const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
      co_await bench.queue.note("a", claims.at(0).token, "reported", "completed", std::nullopt,
                                bench.cancel);
      co_await bench.queue.reclaim("w:", true, bench.cancel);
    }
    EXPECT_EQ(bench.server.ask({"HGET", "ryumem:dead:a", "kind"}), "poison");
    EXPECT_EQ(bench.server.ask({"HGET", "ryumem:dead:a", "told"}), "the server has its completion");
    EXPECT_EQ(bench.server.ask({"EXISTS", "ryumem:untold"}), "0");
  });
}

// Its body has run out and a producer pushes it again: the letter still has the text.
TEST(Queue, ALetterKeepsItsBodyWhenItsIdIsPushedAgainWithoutOne) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const RedisCommand kLetter = {"HMGET", "ryumem:dead:a", "body", "kind", "cause", "at", "told"};
    Burial burial;
    burial.kind = "rejected";
    burial.cause = "why";
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    co_await bench.queue.bury(job_of(claims.at(0)), claims.at(0).token, burial, bench.cancel);
    const std::string letter = bench.server.ask(kLetter);
    bench.server.ask({"DEL", "ryumem:job:a"});
    bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "a"});
    const std::vector<Claim> again = co_await bench.queue.claim(1, bench.cancel);
    burial.kind = "gone";
    co_await bench.queue.bury_unreadable("a", again.at(0).token, burial, bench.cancel);
    EXPECT_EQ(bench.server.ask(kLetter), letter);
    EXPECT_EQ(bench.server.ask({"ZRANGE", "ryumem:dead", "0", "-1"}), "a");
    EXPECT_EQ(bench.server.ask({"LLEN", "ryumem:extraction_processing"}), "0");
  });
}

// It may be the canary of a long outage again and again, which gives its body a day anew each time.
TEST(Queue, AJournalLivesAsLongAsTheBodyOfAJobThatIsGivenBack) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const bool begun : {true, false}) {
      const Claim claim = co_await hold(bench);
      bench.server.ask({"EXPIRE", "ryumem:journal:a", "60"});
      if (begun) co_await bench.queue.start(job_of(claim), claim.token, bench.cancel);
      if (!begun) co_await bench.queue.give_back(job_of(claim), claim.token, true, bench.cancel);
      EXPECT_GT(std::stoi(bench.server.ask({"TTL", "ryumem:journal:a"})), 86'000);
      bench.server.ask({"FLUSHALL"});
    }
  });
}

TEST(Queue, AnOddJournalOrLetterIsSetAsideWhenItsJobIsTakenBack) {
  RedisServer server;
  for (const char* id : {"a", "b", "c"}) produce(server, id);
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await bench.queue.claim(3, bench.cancel);
    bench.server.ask({"SET", "ryumem:journal:a", "a string"});
    bench.server.ask({"SET", "ryumem:dead:b", "a string"});
    bench.server.ask({"ZADD", "ryumem:leases", "1", "a", "2", "b", "3", "c"});
    const TakenBack taken = co_await bench.queue.expire(bench.cancel);
    EXPECT_EQ(taken.requeued, 3);
    EXPECT_EQ(bench.server.ask({"EXISTS", "ryumem:owners", "ryumem:extraction_processing"}), "0");
    EXPECT_EQ(bench.server.ask({"GET", "ryumem:journal:a:odd"}), "a string");
    EXPECT_EQ(bench.server.ask({"GET", "ryumem:dead:b:odd"}), "a string");
    EXPECT_EQ(bench.server.ask({"HGETALL", "ryumem:journal:a"}), "crashes\n1");
  });
}

TEST(Queue, KeepsAliveMoreThanOnePortion) {
  RedisServer server;
  for (int i = 0; i < 1201; ++i) {
    const std::string id = std::to_string(i);
    server.ask({"SET", "ryumem:job:" + id, "x", "EX", "3000"});
    server.ask({"LPUSH", "ryumem:extraction_jobs", id});
  }
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await bench.queue.keep_alive(bench.cancel);
    for (const char* id : {"0", "499", "500", "1000", "1200"})
      EXPECT_EQ(test::lifetime(bench.server, std::string("ryumem:job:") + id), kDay) << id;
  });
}

TEST(Queue, LivesUnderAPrefixWithATagAndTouchesNothingElse) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Queue queue(bench.redis, Keys("{ryumem}:eu:"), "w", test::kLease);
    Job job;
    job.id = "a";
    co_await queue.enqueue(job, bench.cancel);
    const std::vector<Claim> claims = co_await queue.claim(1, bench.cancel);
    co_await queue.note("a", claims.at(0).token, "entities", "[1]", "", bench.cancel);
    job.body = new_body(job);
    Burial burial;
    burial.kind = "refused";
    co_await queue.bury(job, claims.at(0).token, burial, bench.cancel);
    for (const std::string& line : bench.state())
      EXPECT_EQ(line.rfind("{ryumem}:eu:", 0), 0u) << line;
    EXPECT_EQ(bench.state().size(), 5u);
    const Depths ours = co_await queue.depths(bench.cancel);
    EXPECT_EQ(ours.dead, 1);
    const Depths others = co_await bench.queue.depths(bench.cancel);
    EXPECT_EQ(others.dead, 0);
  });
}

TEST(Queue, TellsHowLongTheOldestOfTheNextJobsHasWaited) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Depths depths = co_await bench.queue.depths(bench.cancel);
    EXPECT_EQ(depths.oldest_pending, 0);
    const auto put = [&](const std::string& id, const std::string& body) {
      bench.server.ask({"SET", "ryumem:job:" + id, body});
      bench.server.ask({"LPUSH", "ryumem:extraction_jobs", id});
    };
    put("a", "no job at all");
    bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "without a body"});
    put("b", R"({"created_at":7})");
    depths = co_await bench.queue.depths(bench.cancel);
    EXPECT_EQ(depths.oldest_pending, std::nullopt);
    put("c", R"({"created_at":"2026-01-01T00:00:00.250000"})");
    depths = co_await bench.queue.depths(bench.cancel);
    const auto since = static_cast<double>(std::time(nullptr)) - 1'767'225'600;
    EXPECT_NEAR(depths.oldest_pending.value_or(0), since, 60);
    bench.server.ask({"DEL", "ryumem:job:a", "ryumem:job:b", "ryumem:job:c"});
    bench.server.ask({"HSET", "ryumem:job:a", "of", "another type"});
    put("b", R"({"created_at":"2999-01-01T00:00:00"})");
    depths = co_await bench.queue.depths(bench.cancel);
    EXPECT_EQ(depths.oldest_pending, 0) << "a clock that is ahead makes no negative age";
  });
}

TEST(Queue, TellsTheStatusThatABodyTells) {
  RedisServer server;
  for (const char* status : {"pending", "processing", "completed", "failed", "strange"})
    server.ask({"SET", std::string("ryumem:job:") + status, peer_body(status, status)});
  server.ask({"SET", "ryumem:job:broken", "{"});
  server.ask({"LPUSH", "ryumem:job:list", "x"});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    std::vector<JobStatus> found;
    for (const char* id :
         {"pending", "processing", "completed", "failed", "strange", "broken", "list", "nowhere"}) {
      const JobStatus status = co_await bench.queue.status(id, bench.cancel);
      found.push_back(status);
    }
    EXPECT_THAT(found, ElementsAre(JobStatus::pending, JobStatus::processing, JobStatus::completed,
                                   JobStatus::failed, JobStatus::unknown, JobStatus::unknown,
                                   JobStatus::unknown, JobStatus::unknown));
  });
}

}  // namespace
}  // namespace ryumem
