// Each arrow of a job's life: all of Redis before it and after it.
#include "common/queue/queue.h"

#include "tests/common/queue/queue_bench.h"

namespace ryumem {
namespace {

using test::job_line;
using test::peer_body;
using test::produce;
using test::QueueBench;
using test::RedisServer;
using test::with_queue;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kDay = " for a day";
constexpr const char* kHour = " for an hour";

// Jobs a and b in the pending list, a the older one, then both claimed: tokens w:1:1 and w:1:2.
Task<std::vector<Claim>> claim_two(QueueBench& bench) {
  produce(bench.server, "a");
  produce(bench.server, "b");
  co_return co_await bench.queue.claim(2, bench.cancel);
}

Job job_of(const Claim& claim) { return parse_job(claim.id, *claim.body, 3); }

TEST(Queue, ClaimsTheOldestFirstAndNoMoreThanAsked) {
  RedisServer server;
  for (const char* id : {"a", "b", "c"}) produce(server, id);
  with_queue(server, [](QueueBench& bench) -> Task<> {
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_jobs list [c,b,a]", job_line("a", "pending", 0, kDay),
                    job_line("b", "pending", 0, kDay), job_line("c", "pending", 0, kDay)));
    const std::vector<Claim> claims = co_await bench.queue.claim(2, bench.cancel);
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_jobs list [c]", "ryumem:extraction_processing list [b,a]",
                    job_line("a", "pending", 0, kDay), job_line("b", "pending", 0, kDay),
                    job_line("c", "pending", 0, kDay), "ryumem:owners hash {a=w:1:1,b=w:1:2}"));
    EXPECT_EQ(claims.size(), 2u);
    if (claims.size() != 2) co_return;
    EXPECT_EQ(claims[0].id, "a");
    EXPECT_EQ(claims[0].token, "w:1:1");
    EXPECT_EQ(claims[0].body, peer_body("a"));
    EXPECT_EQ(claims[0].trouble, "");
    EXPECT_EQ(claims[1].id, "b");
    EXPECT_EQ(claims[1].token, "w:1:2");
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
                            "ryumem:owners hash {a=w:1:1,b=w:1:2}"));
  });
}

TEST(Queue, StartedJobsSayProcessingAndTheirDayBeginsAnew) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await claim_two(bench);
    bench.server.ask({"EXPIRE", "ryumem:job:a", "100"});
    const Job job = job_of(claims[0]);
    const Settled settled = co_await bench.queue.start(job, claims[0].token, bench.cancel);
    EXPECT_EQ(settled, Settled::done);
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_processing list [b,a]", job_line("a", "processing", 0, kDay),
                    job_line("b", "pending", 0, kDay), "ryumem:owners hash {a=w:1:1,b=w:1:2}"));
  });
}

TEST(Queue, CompletedJobsLeaveTheListAndStayForAnHour) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await claim_two(bench);
    const Job job = job_of(claims[0]);
    const Settled settled = co_await bench.queue.complete(job, claims[0].token, bench.cancel);
    EXPECT_EQ(settled, Settled::done);
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_processing list [b]", job_line("a", "completed", 0, kHour),
                    job_line("b", "pending", 0, kDay), "ryumem:owners hash {b=w:1:2}"));
  });
}

TEST(Queue, TheLastCompletedJobLeavesNothingButItsBody) {
  RedisServer server;
  produce(server, "a");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
    const Job job = job_of(claims[0]);
    co_await bench.queue.complete(job, claims[0].token, bench.cancel);
    EXPECT_THAT(bench.state(), ElementsAre(job_line("a", "completed", 0, kHour)));
  });
}

TEST(Queue, RetriedJobsGoToTheBackWithOneAttemptMore) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await claim_two(bench);
    produce(bench.server, "c");
    const Job job = job_of(claims[0]);
    const Settled settled = co_await bench.queue.retry(job, claims[0].token, bench.cancel);
    EXPECT_EQ(settled, Settled::done);
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_jobs list [a,c]", "ryumem:extraction_processing list [b]",
                    job_line("a", "pending", 1, kDay), job_line("b", "pending", 0, kDay),
                    job_line("c", "pending", 0, kDay), "ryumem:owners hash {b=w:1:2}"));
  });
}

TEST(Queue, FailedJobsLeaveTheListWithTheirLastAttemptCounted) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await claim_two(bench);
    const Job job = job_of(claims[0]);
    const Settled settled = co_await bench.queue.fail(job, claims[0].token, bench.cancel);
    EXPECT_EQ(settled, Settled::done);
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_processing list [b]", job_line("a", "failed", 1, kHour),
                    job_line("b", "pending", 0, kDay), "ryumem:owners hash {b=w:1:2}"));
  });
}

TEST(Queue, JobsGivenBackGoToTheFrontUnburnt) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await claim_two(bench);
    produce(bench.server, "c");
    const Job job = job_of(claims[0]);
    const Settled settled = co_await bench.queue.give_back(job, claims[0].token, bench.cancel);
    EXPECT_EQ(settled, Settled::done);
    EXPECT_THAT(
        bench.state(),
        ElementsAre("ryumem:extraction_jobs list [c,a]", "ryumem:extraction_processing list [b]",
                    job_line("a", "pending", 0, kDay), job_line("b", "pending", 0, kDay),
                    job_line("c", "pending", 0, kDay), "ryumem:owners hash {b=w:1:2}"));
    const std::vector<Claim> next = co_await bench.queue.claim(1, bench.cancel);
    EXPECT_EQ(next.size(), 1u);
    EXPECT_EQ(next.at(0).id, "a");
  });
}

TEST(Queue, WhatIsSetAsideStaysAsItIsWithoutATimeLimit) {
  RedisServer server;
  server.ask({"SET", "ryumem:job:a", "nonsense", "EX", "86400"});
  server.ask({"LPUSH", "ryumem:extraction_jobs", "a"});
  produce(server, "b");
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::vector<Claim> claims = co_await bench.queue.claim(2, bench.cancel);
    const Settled settled =
        co_await bench.queue.set_aside(claims[0].id, claims[0].token, bench.cancel);
    EXPECT_EQ(settled, Settled::done);
    EXPECT_THAT(bench.state(),
                ElementsAre("ryumem:extraction_processing list [b]", "ryumem:job:a string nonsense",
                            job_line("b", "pending", 0, kDay), "ryumem:owners hash {b=w:1:2}"));
  });
}

TEST(Queue, ReclaimsTheJobsOfOneOwnerAloneToTheFrontInTheirOrder) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const char* id : {"a", "b", "c", "d", "e", "f"}) produce(bench.server, id);
    co_await bench.queue.claim(3, bench.cancel);
    Queue other(bench.redis, Keys(), "w2");
    co_await other.claim(1, bench.cancel);
    // A peer worker's job has no owner of ours.
    bench.server.ask({"RPOPLPUSH", "ryumem:extraction_jobs", "ryumem:extraction_processing"});
    EXPECT_EQ(bench.state()[0], "ryumem:extraction_jobs list [f]");
    EXPECT_EQ(bench.state()[1], "ryumem:extraction_processing list [e,d,c,b,a]");
    const std::int64_t count = co_await bench.queue.reclaim("w:", bench.cancel);
    EXPECT_EQ(count, 3);
    EXPECT_EQ(bench.state()[0], "ryumem:extraction_jobs list [f,c,b,a]");
    EXPECT_EQ(bench.state()[1], "ryumem:extraction_processing list [e,d]");
    EXPECT_EQ(bench.state().back(), "ryumem:owners hash {d=w2:1:1}");
  });
}

TEST(Queue, ReclaimForgetsAnOwnerWhoseJobHasLeftTheList) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await claim_two(bench);
    bench.server.ask({"LREM", "ryumem:extraction_processing", "1", "a"});
    co_await bench.queue.reclaim("w:", bench.cancel);
    EXPECT_THAT(bench.state(),
                ElementsAre("ryumem:extraction_jobs list [b]", job_line("a", "pending", 0, kDay),
                            job_line("b", "pending", 0, kDay)));
  });
}

TEST(Queue, EnqueuesAsTheProducerDoes) {
  RedisServer server;
  server.ask({"LPUSH", "ryumem:extraction_jobs", "older"});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Job job;
    job.id = "a";
    job.episode_uuid = "e-a";
    job.content = "text";
    job.user_id = "u";
    co_await bench.queue.enqueue(job, bench.cancel);
    EXPECT_THAT(bench.state(), ElementsAre("ryumem:extraction_jobs list [a,older]",
                                           "ryumem:job:a string " + new_body(job) + kDay));
  });
}

TEST(Queue, CountsAsTheServerDoes) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await claim_two(bench);
    for (const char* id : {"c", "d", "e"}) produce(bench.server, id);
    const Depths depths = co_await bench.queue.depths(bench.cancel);
    EXPECT_EQ(depths.pending, 3);
    EXPECT_EQ(depths.processing, 2);
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
