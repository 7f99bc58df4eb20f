// A job whose time is over: nothing more is begun, and what is under way may end.
#include "tests/worker/pipeline/ended.h"

namespace ryumem {
namespace {

using test::answered;
using test::Bench;
using test::episode_job;
using test::Line;
using test::outcome;
using test::reports;
using test::with_line;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(JobRunner, EndsAnAttemptThatTakesLongerThanAJobMay) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        co_await bench.inject(R"({"path":"/api/chat","hang":true})");
        line.put(episode_job("a"));
        co_await line.hand.run_one();
        EXPECT_EQ(line.places("a"), "delayed");
        EXPECT_THAT(line.journal("a", "attempt:1"), HasSubstr("longer than its time-out"));
        EXPECT_EQ(bench.slot().of(Kind::transient).load(), 1u);
      },
      {{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "1"},
       {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "2"},
       {"RYUMEM_WORKER_CALL_TRIES", "3"}});
}

TEST(JobRunner, NotesTheAnswerThatWasUnderWayWhenTheTimeWasOverAndAsksNothingMore) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        co_await bench.inject(R"({"path":"/api/chat","latency_ms":{"min":2000,"max":2000}})");
        line.put(episode_job("a"));
        co_await line.hand.run_one();
        EXPECT_EQ(line.places("a"), "delayed");
        EXPECT_THAT(line.journal("a", "attempt:1"), HasSubstr("longer than its time-out"));
        EXPECT_EQ(bench.slot().calls_abandoned.load(), 0u);
        const std::vector<JsonDocument> asked = co_await bench.calls("/api/");
        EXPECT_EQ(asked.size(), 1u);
        // The next attempt has that answer, and goes on behind it.
        co_await bench.inject(R"({"path":"/api/nothing"})");
        co_await line.promote("a");
        co_await line.hand.run_one();
        EXPECT_EQ(outcome(bench, Outcome::completed), 1u);
        const std::vector<JsonDocument> chats = co_await bench.calls("/api/chat");
        EXPECT_EQ(chats.size(), 2u);
      },
      {{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "1"}, {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "60"}});
}

TEST(JobRunner, TriesNothingAgainWhenTheTimeIsOver) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        co_await bench.inject(
            R"({"path":"/api/chat","status":503,"latency_ms":{"min":1300,"max":1300}})");
        line.put(episode_job("a"));
        co_await line.hand.run_one();
        EXPECT_EQ(line.places("a"), "delayed");
        EXPECT_THAT(line.journal("a", "attempt:1"), HasSubstr("longer than its time-out"));
        const std::vector<JsonDocument> asked = co_await bench.calls("/api/");
        EXPECT_EQ(asked.size(), 1u);
      },
      {{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "1"},
       {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "60"},
       {"RYUMEM_WORKER_CALL_TRIES", "5"}});
}

// One upsert at a time: mostly the second is under way when the time is over, and the third waits
// for its turn.
TEST(JobRunner, BeginsNoUpsertThatWaitedForItsTurnUntilTheTimeWasOver) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        co_await bench.inject(
            R"({"path":"/internal/entities","latency_ms":{"min":1500,"max":1500}})");
        line.put(episode_job("a"));
        co_await line.hand.run_one();
        EXPECT_EQ(line.places("a"), "delayed");
        const std::vector<JsonDocument> before = co_await bench.calls("/internal/entities");
        EXPECT_GE(before.size(), 1u);
        EXPECT_LT(before.size(), 3u);
        for (const JsonDocument& call : before) EXPECT_EQ(call.root()["status"].integer(), 200);
        co_await bench.inject(R"({"path":"/nothing"})");
        co_await line.promote("a");
        co_await line.hand.run_one();
        EXPECT_EQ(outcome(bench, Outcome::completed), 1u);
        const std::vector<JsonDocument> all = co_await bench.calls("/internal/entities");
        EXPECT_EQ(all.size(), 3u);
      },
      {{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "2"},
       {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "60"},
       {"RYUMEM_WORKER_CALLBACK_CONCURRENCY", "1"}});
}

// The server has answered, and Redis takes no note of it until the time is over: that is no
// failure, of which the server would have to hear.
TEST(JobRunner, CompletesAJobWhoseTimeRunsOutWhenTheServerKnowsItsEnd) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        co_await bench.inject(
            R"({"path":"/internal/episodes","latency_ms":{"min":500,"max":500}})");
        Job job = episode_job("a");
        job.max_retries = 1;
        line.put(job);
        Scope scope;
        scope.spawn(line.hand.run_one());
        std::size_t calls = 0;
        while (calls == 0) {
          const std::vector<JsonDocument> seen = co_await bench.calls("/internal/episodes");
          calls = seen.size();
        }
        line.server.ask({"CLIENT", "PAUSE", "5000", "WRITE"});
        co_await scope.join();
        EXPECT_EQ(line.places("a"), "nowhere");
        EXPECT_EQ(outcome(bench, Outcome::completed), 1u);
        const std::vector<std::string> told = co_await reports(bench);
        EXPECT_THAT(told, ElementsAre(""));
      },
      {{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "3"}, {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "1"}});
}

}  // namespace
}  // namespace ryumem
