// ryumem-worker that dies, is stopped, or is sent away in the middle of its work: what was paid for
// is not paid for again.
#include <fmt/format.h>

#include <optional>

#include "common/async/timer.h"
#include "common/queue/queue.h"
#include "tests/worker/canonical_json.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::canonical;
using test::kPatience;
using test::wait_until;
using test::WorkerProcess;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kHour = " for an hour";

// A supervisor's, or another worker's, hand on the queue.
using QueueWork = Task<> (*)(Queue&, Cancel&);

Task<> on_queue(std::string url, QueueWork work) {
  Redis redis(RedisUrl::parse(url), Millis(8000));
  Queue queue(redis, Keys(), "t", Seconds(600));
  Cancel cancel;
  std::exception_ptr problem;
  try {
    co_await work(queue, cancel);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await redis.close();
  if (problem) std::rethrow_exception(problem);
}

class WorkerInTrouble : public test::WorkerTest {
 protected:
  void with_queue(QueueWork work) { test::run_on_loop(on_queue(redis.url(), work), kPatience); }
  static std::string subject(const JsonDocument& call) {
    return std::string(call.root()["path"].string().value_or("")) + canonical(call.root()["body"]);
  }
  /// How often the sandbox got each call, and how often it answered it.
  std::map<std::string, int> asked() {
    std::map<std::string, int> found;
    for (const JsonDocument& call : sandbox.calls("/")) ++found[subject(call)];
    return found;
  }
  std::map<std::string, int> answered() {
    std::map<std::string, int> found;
    for (const JsonDocument& call : sandbox.calls("/"))
      if (call.root()["status"].integer() == 200) ++found[subject(call)];
    return found;
  }
};

class CrashAtAStep : public WorkerInTrouble,
                     public testing::WithParamInterface<std::tuple<test::Target, bool>> {};

TEST_P(CrashAtAStep, IsResumedByTheNextWorkerAndNothingIsPaidForTwice) {
  const auto& [target, after_work] = GetParam();
  sandbox.inject(fmt::format(R"({{{},"hang":true{}}})", target.rule,
                             after_work ? R"(,"after_work":true)" : ""));
  put("a");
  {
    WorkerProcess worker(redis, sandbox, {"RYUMEM_OWNER=first"});
    // All calls but the one that hangs, and all their outcomes in the journal: one for each call,
    // and what is being asked.
    const std::map<Step, std::size_t> calls = {
        {Step::extract_entities, 1}, {Step::embed_entities, 2},
        {Step::upsert_entities, 5},  {Step::extract_relationships, 6},
        {Step::embed_facts, 7},      {Step::upsert_relationships, 9},
        {Step::complete, 10}};
    const std::size_t wanted = calls.at(target.step);
    const bool paid = std::string(target.rule).find("/api/") != std::string::npos;
    const std::string fields = std::to_string(wanted - 1 + (paid ? 1 : 0));
    ASSERT_TRUE(calls_come("/", wanted));
    ASSERT_TRUE(wait_until(kPatience, [&] {
      return redis.ask({"HLEN", "ryumem:journal:a"}) == fields;
    })) << redis.ask({"HKEYS", "ryumem:journal:a"});
    EXPECT_EQ(redis.ask({"HEXISTS", "ryumem:journal:a", "asked"}), paid ? "1" : "0");
    worker.process().signal(SIGKILL);
    EXPECT_EQ(worker.process().wait(kPatience), 128 + SIGKILL);
  }
  EXPECT_EQ(places("a"), "processing in hand");
  sandbox.heal();
  with_queue([](Queue& queue, Cancel& cancel) -> Task<> {
    const TakenBack back = co_await queue.reclaim("first:", true, cancel);
    EXPECT_EQ(back.requeued, 1);
  });
  EXPECT_EQ(redis.ask({"HGET", "ryumem:journal:a", "crashes"}), "1");
  WorkerProcess next(redis, sandbox);
  EXPECT_TRUE(becomes("a", "completed")) << next.process().err();
  EXPECT_EQ(state(), std::vector<std::string>{line("a", "completed", 0, kHour)});
  EXPECT_EQ(sandbox.call_lines("/").size(), 11u);  // ten, and the one that was cut off
  const std::map<std::string, int> each = answered();
  EXPECT_EQ(each.size(), 10u);
  for (const auto& [call, count] : each) EXPECT_EQ(count, 1) << call;
}

INSTANTIATE_TEST_SUITE_P(EachStep, CrashAtAStep,
                         testing::Combine(testing::ValuesIn(test::kTargets), testing::Bool()),
                         [](const testing::TestParamInfo<std::tuple<test::Target, bool>>& info) {
                           return std::string(name(std::get<0>(info.param).step)) +
                                  (std::get<1>(info.param) ? "_done" : "_undone");
                         });

// A worker whose lease ran out while it was stopped, and whose job somebody else has in hand.
class StoppedWorker : public WorkerInTrouble {
 protected:
  void stop_past_its_lease(WorkerProcess& worker) {
    worker.process().signal(SIGSTOP);
    with_queue([](Queue& queue, Cancel& cancel) -> Task<> {
      Cancel patience;
      for (;;) {
        const TakenBack back = co_await queue.expire(cancel);
        if (back.requeued == 1) break;
        co_await Sleep(Millis(20), patience);
      }
      const std::vector<Claim> claims = co_await queue.claim(1, cancel);
      EXPECT_EQ(claims.size(), 1u);
    });
  }
  void resume_and_end(WorkerProcess& worker) {
    worker.process().signal(SIGCONT);
    EXPECT_TRUE(wait_until(kPatience, [&] { return worker.said("kind=lease_lost"); }))
        << worker.process().err();
    worker.process().signal(SIGTERM);
    EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  }
};

TEST_F(StoppedWorker, WritesNothingWhenItGoesOn) {
  sandbox.inject(R"({"path":"/api/chat","hang":true})");
  put("a");
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_LEASE_SECONDS=1"});
  ASSERT_TRUE(calls_come("/api/chat", 1));
  stop_past_its_lease(worker);
  const std::vector<std::string> before = test::snapshot(redis);
  resume_and_end(worker);
  EXPECT_EQ(test::snapshot(redis), before);
  EXPECT_EQ(places("a"), "processing in hand");
  EXPECT_EQ(redis.ask({"HGET", "ryumem:owners", "a"}), "t:1:1");
  EXPECT_EQ(sandbox.call_lines("/").size(), 1u);
}

TEST_F(StoppedWorker, CallsNobodyButMayKeepAnAnswerThatItHadPaidFor) {
  sandbox.inject(R"({"path":"/api/chat","latency_ms":{"min":300,"max":300}})");
  put("a");
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_LEASE_SECONDS=1"});
  ASSERT_TRUE(calls_come("/api/chat", 1));
  stop_past_its_lease(worker);
  const std::string fields = redis.ask({"HKEYS", "ryumem:journal:a"});
  EXPECT_EQ(fields, "crashes");
  resume_and_end(worker);
  EXPECT_THAT(redis.ask({"HKEYS", "ryumem:journal:a"}),
              testing::AnyOf("crashes", "crashes\nentities", "entities\ncrashes"));
  EXPECT_EQ(redis.ask({"HGET", "ryumem:owners", "a"}), "t:1:1");
  EXPECT_EQ(status_of("a"), "processing");
  EXPECT_EQ(sandbox.call_lines("/").size(), 1u);
}

// Two hundred jobs in hand, each with entities and facts of its own.
class Drained : public WorkerInTrouble {
 protected:
  static constexpr int kJobs = 200;

  void put_all() {
    std::string chat;
    for (int i = 0; i < kJobs; ++i) {
      chat += fmt::format(
          R"({0}{{"contains":"[{1}]","question":"entities","answer":{{"entities":[
              {{"entity":"Alice {1}","entity_type":"person"}},
              {{"entity":"Bob {1}","entity_type":"person"}}]}}}},
             {{"contains":"[{1}]","question":"relationships","answer":{{"relationships":[
              {{"source":"Alice {1}","relationship":"met","destination":"Bob {1}",
                "fact":"Alice {1} met Bob {1}."}}]}}}})",
          i == 0 ? "" : ",", i);
      put(id(i), fmt::format("Alice met Bob. [{}]", i));
    }
    sandbox.control("POST", "/sandbox/script", "{\"chat\":[" + chat + "]}");
  }
  static std::string id(int i) { return "j" + std::to_string(i); }
};

TEST_F(Drained, GivesBackToTheFrontAndNoAnswerIsAskedForAgain) {
  put_all();
  sandbox.inject(R"({"face":"model","latency_ms":{"min":300,"max":2500}})");
  std::map<std::string, int> paid_for;
  {
    WorkerProcess worker(
        redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=256", "RYUMEM_WORKER_DRAIN_TIMEOUT_SECONDS=1"});
    ASSERT_TRUE(wait_until(kPatience, [&] { return answered().size() > 300; }));
    paid_for = answered();
    worker.process().signal(SIGTERM);
    EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  }
  // Some were in the middle; all of them wait again, none has burnt an attempt.
  put("behind");
  int waiting = 0;
  for (int i = 0; i < kJobs; ++i) {
    const std::string where = places(id(i));
    EXPECT_TRUE(where == "pending" || status_of(id(i)) == "completed") << id(i) << " " << where;
    EXPECT_THAT(redis.ask({"GET", "ryumem:job:" + id(i)}), HasSubstr("\"retry_count\":0"));
    waiting += where == "pending" ? 1 : 0;
  }
  EXPECT_GT(waiting, 20);
  EXPECT_EQ(redis.ask({"LLEN", "ryumem:extraction_jobs"}), std::to_string(waiting + 1));
  EXPECT_EQ(redis.ask({"LINDEX", "ryumem:extraction_jobs", "0"}), "behind");
  sandbox.inject(R"({"face":"model","latency_ms":{"min":0,"max":50}})");
  WorkerProcess next(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=256"});
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return redis.ask({"EXISTS", "ryumem:extraction_jobs", "ryumem:extraction_processing"}) == "0";
  })) << next.process().err();
  for (int i = 0; i < kJobs; ++i) EXPECT_EQ(status_of(id(i)), "completed") << id(i);
  expect_all_done();
  // Answers of the time before are those that the worker surely had.
  const std::map<std::string, int> all = asked();
  for (const auto& [call, count] : paid_for) EXPECT_EQ(all.at(call), 1) << call;
  for (const auto& [job, count] : completions()) EXPECT_EQ(count, 1) << job;
  EXPECT_EQ(completions().size(), kJobs + 1u);
}

TEST_F(WorkerInTrouble, TakesTheJobsThatWereGivenBackBeforeAllOthers) {
  sandbox.inject(R"({"path":"/api/chat","hang":true})");
  for (const char* one : {"a", "b", "c"}) put(one);
  {
    WorkerProcess worker(redis, sandbox,
                         {"RYUMEM_WORKER_CONCURRENCY=2", "RYUMEM_WORKER_DRAIN_TIMEOUT_SECONDS=0"});
    ASSERT_TRUE(calls_come("/api/chat", 2));
    worker.process().signal(SIGTERM);
    EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  }
  EXPECT_EQ(redis.ask({"LINDEX", "ryumem:extraction_jobs", "0"}), "c");
  EXPECT_EQ(redis.ask({"LLEN", "ryumem:extraction_jobs"}), "3");
}

}  // namespace
}  // namespace ryumem
