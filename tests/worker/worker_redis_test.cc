// ryumem-worker and a Redis that is not always there: nothing is lost and nothing ends.
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::kPatience;
using test::wait_until;
using test::WorkerProcess;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHour = " for an hour";

// What was written survives a kill -9.
class WorkerWithoutRedis : public test::WorkerTest {
 protected:
  WorkerWithoutRedis() : WorkerTest({"--appendonly", "yes", "--appendfsync", "always"}) {}

  std::size_t answers(const std::string& path) {
    std::size_t count = 0;
    for (const JsonDocument& call : sandbox.calls(path))
      count += call.root()["status"].integer() == 200 ? 1 : 0;
    return count;
  }
  void stop_well(WorkerProcess& worker) {
    worker.process().signal(SIGTERM);
    EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  }
};

TEST_F(WorkerWithoutRedis, WaitsForOneThatIsNotThereAtItsStart) {
  put("a");
  redis.kill();
  WorkerProcess worker(redis, sandbox);
  ASSERT_TRUE(wait_until(kPatience, [&] { return worker.said("trying again"); }));
  EXPECT_TRUE(worker.process().running());
  bring_redis_back();
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  stop_well(worker);
}

TEST_F(WorkerWithoutRedis, StopsAlsoWhenItNeverSawOne) {
  redis.kill();
  WorkerProcess worker(redis, sandbox);
  ASSERT_TRUE(wait_until(kPatience, [&] { return worker.said("trying again"); }));
  stop_well(worker);
}

TEST_F(WorkerWithoutRedis, GoesOnWhenItIsKilledWhileThereIsNothingToDo) {
  WorkerProcess worker(redis, sandbox);
  put("a");
  ASSERT_TRUE(becomes("a", "completed"));
  redis.kill();
  ASSERT_TRUE(wait_until(kPatience, [&] { return worker.said("trying again"); }));
  bring_redis_back();
  put("b");
  EXPECT_TRUE(becomes("b", "completed")) << worker.process().err();
  stop_well(worker);
}

TEST_F(WorkerWithoutRedis, FinishesTheJobsInHandWhenItIsBack) {
  sandbox.inject(R"({"path":"/api/chat","latency_ms":{"min":300,"max":300}})");
  WorkerProcess worker(redis, sandbox);
  for (const char* id : {"a", "b", "c"}) put(id);
  ASSERT_TRUE(calls_come("/api/chat", 3));
  redis.kill();
  // What is being asked is answered; nothing more is asked before that is in the journal.
  EXPECT_TRUE(wait_until(kPatience, [&] { return answers("/api/chat") == 3; }));
  EXPECT_TRUE(worker.process().running());
  bring_redis_back();
  for (const char* id : {"a", "b", "c"}) EXPECT_TRUE(becomes(id, "completed"));
  EXPECT_THAT(state(),
              ElementsAre(line("a", "completed", 0, kHour), line("b", "completed", 0, kHour),
                          line("c", "completed", 0, kHour)));
  const std::map<std::string, int> once = {{"a", 1}, {"b", 1}, {"c", 1}};
  EXPECT_EQ(completions(), once);
  EXPECT_EQ(answers("/api/chat"), 6u);  // each question once
  EXPECT_EQ(sandbox.call_lines("/api/embed").size(), 6u);
  stop_well(worker);
}

TEST_F(WorkerWithoutRedis, CompletesEverythingWhileItIsKilledAgainAndAgain) {
  sandbox.inject(R"({"face":"model","latency_ms":{"min":0,"max":60}})");
  for (int i = 0; i < 40; ++i) put("j" + std::to_string(i));
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=8"});
  for (const std::size_t done : {5, 15, 25}) {
    EXPECT_TRUE(wait_until(kPatience, [&] { return completions().size() >= done; }))
        << worker.process().err();
    bring_redis_back();
  }
  for (int i = 0; i < 40; ++i)
    EXPECT_TRUE(becomes("j" + std::to_string(i), "completed")) << worker.process().err();
  expect_all_done();
  stop_well(worker);
}

TEST_F(WorkerWithoutRedis, SaysWhatIsWrongWithAKeyAndGoesOnWhenItIsMended) {
  redis.ask({"SET", "ryumem:extraction_jobs", "a string"});
  WorkerProcess worker(redis, sandbox);
  ASSERT_TRUE(wait_until(kPatience, [&] { return worker.said("WRONGTYPE"); }));
  EXPECT_THAT(worker.process().err(), HasSubstr("the types of its keys"));
  redis.ask({"DEL", "ryumem:extraction_jobs"});
  put("a");
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  stop_well(worker);
}

}  // namespace
}  // namespace ryumem
