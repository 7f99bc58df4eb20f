// ryumem-worker by itself: takes jobs, works on them, and ends as it is asked to.
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::kPatience;
using test::wait_until;
using test::WorkerProcess;
using test::WorkerTest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kDay = " for a day";
constexpr const char* kHour = " for an hour";

using Worker = WorkerTest;

TEST_F(Worker, TakesWhatWaitsAndWhatComesAndDrainsOnTerm) {
  put("a");
  WorkerProcess worker(redis, sandbox);
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  put("b");
  EXPECT_TRUE(becomes("b", "completed")) << worker.process().err();
  EXPECT_THAT(state(),
              ElementsAre(line("a", "completed", 0, kHour), line("b", "completed", 0, kHour)));
  worker.process().signal(SIGTERM);
  EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  EXPECT_THAT(worker.process().err(), HasSubstr("stopped"));
}

TEST_F(Worker, WorksOnABacklogManyAtOnceAndCompletesEachOnce) {
  std::map<std::string, int> once;
  for (int i = 0; i < 60; ++i) put("j" + std::to_string(i));
  for (int i = 0; i < 60; ++i) once["j" + std::to_string(i)] = 1;
  sandbox.inject(R"({"face":"model","latency_ms":{"min":100,"max":100}})");
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=20"});
  EXPECT_TRUE(wait_until(kPatience, [&] { return completions().size() == 60; }));
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(becomes("j" + std::to_string(i), "completed"));
  EXPECT_EQ(completions(), once);
  EXPECT_EQ(redis.ask({"EXISTS", "ryumem:extraction_jobs", "ryumem:extraction_processing",
                       "ryumem:owners"}),
            "0");
  std::int64_t most = 0;
  for (const JsonDocument& call : sandbox.calls("/api"))
    most = std::max(most, call.root()["in_flight"].integer().value_or(0));
  EXPECT_GT(most, 10);
  EXPECT_LE(most, 20);
}

TEST_F(Worker, WorksOnABacklogAlsoOneByOne) {
  for (const char* id : {"a", "b", "c"}) put(id);
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=1"});
  for (const char* id : {"a", "b", "c"})
    EXPECT_TRUE(becomes(id, "completed")) << worker.process().err();
}

TEST_F(Worker, UsesEveryPlaceThatIsFreeWhileOthersAreStuck) {
  sandbox.inject(R"({"path":"/api/chat","contains":"stuck","hang":true})");
  put("stuck", "This one is stuck.");
  for (const char* id : {"a", "b", "c"}) put(id);
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=2"});
  for (const char* id : {"a", "b", "c"})
    EXPECT_TRUE(becomes(id, "completed")) << worker.process().err();
  EXPECT_EQ(status_of("stuck"), "processing");
  sandbox.heal();
  EXPECT_TRUE(becomes("stuck", "completed")) << worker.process().err();
}

TEST_F(Worker, IsWokenByAnEnqueueWithinMilliseconds) {
  WorkerProcess worker(redis, sandbox);
  ASSERT_TRUE(worker.ready());
  std::vector<double> took;
  for (int i = 0; i < 7; ++i) {
    // Idle: its waiting connection blocks in Redis.
    ASSERT_TRUE(wait_until(kPatience, [&] {
      return redis.ask({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos;
    }));
    const std::string id = "j" + std::to_string(i);
    put(id);
    const Monotonic::time_point pushed = Monotonic::now();
    ASSERT_TRUE(wait_until(kPatience, [&] {
      return redis.ask({"EXISTS", "ryumem:extraction_jobs"}) == "0";
    }));
    took.push_back(seconds_between(pushed, Monotonic::now()));
    ASSERT_TRUE(becomes(id, "completed"));
  }
  std::sort(took.begin(), took.end());
  EXPECT_LT(took[took.size() / 2], 0.1);
}

TEST_F(Worker, FinishesTheJobsInHandWhenItIsAskedToStop) {
  sandbox.inject(R"({"path":"/api/chat","latency_ms":{"min":500,"max":500}})");
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=2"});
  for (const char* id : {"a", "b", "c"}) put(id);
  ASSERT_TRUE(calls_come("/api/chat", 2));
  worker.process().signal(SIGTERM);
  EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  EXPECT_THAT(state(),
              ElementsAre("ryumem:extraction_jobs list [c]", line("a", "completed", 0, kHour),
                          line("b", "completed", 0, kHour), line("c", "pending", 0, kDay)));
}

TEST_F(Worker, GivesBackUnburntToTheFrontWhatItCannotFinishInTime) {
  sandbox.inject(R"({"path":"/api/chat","hang":true})");
  WorkerProcess worker(redis, sandbox,
                       {"RYUMEM_WORKER_DRAIN_TIMEOUT_SECONDS=1", "RYUMEM_WORKER_CONCURRENCY=1"});
  for (const char* id : {"a", "b"}) put(id);
  ASSERT_TRUE(calls_come("/api/chat", 1));
  const Monotonic::time_point asked = Monotonic::now();
  worker.process().signal(SIGTERM);
  EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  EXPECT_GT(seconds_between(asked, Monotonic::now()), 0.9);
  EXPECT_THAT(state(), ElementsAre("ryumem:extraction_jobs list [b,a]",
                                   line("a", "pending", 0, kDay), line("b", "pending", 0, kDay)));
}

TEST_F(Worker, GivesBackAtOnceWhenItIsAskedTwice) {
  sandbox.inject(R"({"path":"/api/chat","hang":true})");
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_DRAIN_TIMEOUT_SECONDS=600"});
  put("a");
  ASSERT_TRUE(calls_come("/api/chat", 1));
  worker.process().signal(SIGTERM);
  ASSERT_TRUE(wait_until(kPatience, [&] { return worker.said("no new jobs"); }));
  EXPECT_TRUE(worker.process().running());
  worker.process().signal(SIGTERM);
  EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
  EXPECT_THAT(state(),
              ElementsAre("ryumem:extraction_jobs list [a]", line("a", "pending", 0, kDay)));
}

TEST_F(Worker, BuriesWhatItCannotReadAndTheOthersGoOn) {
  redis.ask({"SET", "ryumem:job:bad", "nonsense", "EX", "86400"});
  redis.ask({"HSET", "ryumem:job:hash", "x", "1"});
  for (const char* id : {"bad", "missing", "hash"})
    redis.ask({"LPUSH", "ryumem:extraction_jobs", id});
  put("a");
  WorkerProcess worker(redis, sandbox);
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  for (const char* id : {"bad", "missing", "hash"}) EXPECT_TRUE(comes_to(id, "dead")) << id;
  EXPECT_EQ(letter("bad", "body"), "nonsense");
  EXPECT_THAT(letter("bad", "cause"), HasSubstr("its body is not JSON"));
  EXPECT_EQ(letter("missing", "body"), "");
  EXPECT_THAT(letter("missing", "cause"), HasSubstr("there is no body under its key"));
  EXPECT_THAT(letter("hash", "cause"), HasSubstr("WRONGTYPE"));
  EXPECT_EQ(redis.ask({"HGET", "ryumem:job:hash", "x"}), "1");
  EXPECT_TRUE(worker.process().running());
}

TEST_F(Worker, BuriesJobsWithAnOddJournalAndTheOthersGoOn) {
  for (const char* id : {"x", "y"}) {
    redis.ask({"SET", std::string("ryumem:journal:") + id, "a string"});
    put(id);
  }
  put("a");
  // As many at once as there are odd ones.
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=2"});
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  for (const char* id : {"x", "y"}) {
    EXPECT_TRUE(comes_to(id, "dead")) << id;  // and the server is told
    EXPECT_EQ(letter(id, "kind"), "gone");
    EXPECT_THAT(letter(id, "cause"),
                HasSubstr(std::string("ryumem:journal:") + id + " is no hash"));
    EXPECT_EQ(redis.ask({"GET", std::string("ryumem:journal:") + id + ":odd"}), "a string");
  }
  EXPECT_EQ(sandbox.call_lines("/api/chat").size(), 2u);  // of the good one
  EXPECT_EQ(redis.ask({"EXISTS", "ryumem:owners", "ryumem:extraction_processing"}), "0");
}

// Delayed jobs are brought back by a supervisor; there is none here.
TEST_F(Worker, DelaysAJobWhoseAttemptFailed) {
  sandbox.inject(R"({"path":"/api/chat","status":500,"times":1})");
  put("a");
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CALL_TRIES=1"});
  EXPECT_TRUE(comes_to("a", "delayed")) << worker.process().err();
  EXPECT_EQ(test::body_of(redis, "a"), text("a", "pending", 1));
  EXPECT_EQ(redis.ask({"LLEN", "ryumem:extraction_jobs"}), "0");
}

TEST_F(Worker, BuriesAJobThatIsSpentAndTellsTheServer) {
  sandbox.inject(R"({"path":"/api/chat","status":500,"body":"{\"error\":\"out of memory\"}"})");
  put("a", test::kEpisodeText, 2);
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CALL_TRIES=1"});
  EXPECT_TRUE(comes_to("a", "dead")) << worker.process().err();
  EXPECT_EQ(test::body_of(redis, "a"), text("a", "failed", 3) + kHour);
  EXPECT_EQ(letter("a", "told"), "1");
  const std::vector<JsonDocument> reports = sandbox.calls("/internal/episodes");
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_THAT(std::string(reports[0].root()["body"]["error"].string().value_or("")),
              HasSubstr("out of memory"));
  EXPECT_EQ(sandbox.call_lines("/api/chat").size(), 1u);
}

TEST_F(Worker, TellsTheServerOfADeadJobAlsoLater) {
  sandbox.inject(R"({"path":"/api/chat","status":400},{"path":"/internal","status":503})");
  put("a");
  WorkerProcess worker(redis, sandbox, {"RYUMEM_WORKER_CALL_TRIES=1"});
  EXPECT_TRUE(comes_to("a", "dead untold")) << worker.process().err();
  ASSERT_TRUE(calls_come("/internal/episodes", 1));
  worker.process().signal(SIGTERM);
  EXPECT_EQ(worker.process().wait(kPatience), 0);
  EXPECT_EQ(places("a"), "dead untold");
  sandbox.heal();
  redis.ask({"ZADD", "ryumem:untold", "XX", "0", "a"});  // or after its time
  WorkerProcess next(redis, sandbox);
  EXPECT_TRUE(comes_to("a", "dead")) << next.process().err();
  EXPECT_EQ(letter("a", "told"), "1");
}

TEST_F(Worker, CompletesTheJobsOfAModelThatComesBack) {
  sandbox.inject(R"({"face":"model","reset":true,"times":2})");
  put("a");
  WorkerProcess worker(redis, sandbox);
  EXPECT_TRUE(becomes("a", "completed")) << worker.process().err();
  EXPECT_THAT(state(), ElementsAre(line("a", "completed", 0, kHour)));
}

TEST_F(Worker, TakesNoArguments) {
  test::ChildProcess process({test::program("ryumem-worker"), "--workers=2"});
  EXPECT_EQ(process.wait(kPatience), 64);
  EXPECT_THAT(process.err(), HasSubstr("takes no arguments"));
}

TEST_F(Worker, NamesTheVariableThatIsWrong) {
  test::ChildProcess process(
      {test::program("ryumem-worker")},
      test::worker_environment(redis, sandbox, {"RYUMEM_WORKER_CONCURRENCY=many"}));
  EXPECT_EQ(process.wait(kPatience), 78);
  EXPECT_THAT(process.err(), HasSubstr("RYUMEM_WORKER_CONCURRENCY: \"many\" is not"));
}

TEST_F(Worker, EndsWhenTheSupervisorThatStartedItIsNotItsParent) {
  test::ChildProcess process(
      {test::program("ryumem-worker")},
      test::worker_environment(redis, sandbox, {"RYUMEM_SLOT=0", "RYUMEM_SUPERVISOR_PID=1"}));
  EXPECT_EQ(process.wait(kPatience), 71);
  EXPECT_THAT(process.err(), testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace ryumem
