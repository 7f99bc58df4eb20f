// What a worker writes about its jobs: one line each with figures, nothing of what is in them, and
// no key, whatever others answer.
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::kPatience;
using test::wait_until;
using test::WorkerProcess;
using testing::HasSubstr;
using testing::Not;

using Words = std::vector<std::string>;

class WorkerLogs : public test::WorkerTest {
 protected:
  static Words with(Words more) {
    more.insert(more.begin(), {"RYUMEM_WORKER_LOG_FORMAT=json", "RYUMEM_WORKER_LOG_LEVEL=debug"});
    return more;
  }
  // The lines that are about the job and tell an outcome.
  static std::vector<JsonDocument> outcomes(const std::string& log, const std::string& id) {
    std::vector<JsonDocument> found;
    for (const std::string& text : split(log, '\n')) {
      if (text.empty()) continue;
      JsonDocument line = JsonDocument::parse(text);
      if (line.root()["job"].string() == id && line.root()["outcome"].string())
        found.push_back(std::move(line));
    }
    return found;
  }
  test::TempDir prices_;

  // Everything that the worker has written when it has ended.
  static std::string end_of(WorkerProcess& worker) {
    worker.process().signal(SIGTERM);
    EXPECT_EQ(worker.process().wait(kPatience), 0);
    return worker.process().err();
  }
};

TEST_F(WorkerLogs, HaveOneLineForEachJobWithItsFigures) {
  WorkerProcess worker(redis, sandbox, with({}));
  put("a");
  ASSERT_TRUE(becomes("a", "completed")) << worker.process().err();
  const std::vector<JsonDocument> lines = outcomes(end_of(worker), "a");
  ASSERT_EQ(lines.size(), 1u);
  const JsonValue line = lines[0].root();
  EXPECT_EQ(line["level"].string(), "info");
  EXPECT_EQ(line["program"].string(), "ryumem-worker");
  EXPECT_EQ(line["outcome"].string(), "completed");
  EXPECT_EQ(line["attempt"].integer(), 1);
  EXPECT_GT(line["seconds"].number().value_or(0), 0);
  EXPECT_EQ(line["entities"].integer(), 3);
  EXPECT_EQ(line["relationships"].integer(), 2);
  EXPECT_EQ(line["calls"].integer(), 4);  // two questions, two requests for embeddings
  EXPECT_EQ(line["calls_saved"].integer(), 0);
  EXPECT_GT(line["tokens_in"].integer().value_or(0), 0);
  EXPECT_GT(line["tokens_out"].integer().value_or(0), 0);
  EXPECT_EQ(line["cost_usd"].number(), 0);  // Ollama's
}

TEST_F(WorkerLogs, TellWhatAFailedAttemptCostAndWhatTheNextOneSaved) {
  sandbox.inject(R"({"path":"/internal/entities/upsert","status":500,"times":1})");
  WorkerProcess worker(redis, sandbox,
                       with({"RYUMEM_WORKER_CALL_TRIES=1",
                             "RYUMEM_WORKER_PRICE_FILE=" + prices_.write("p", "ollama * 1 1\n"),
                             "RYUMEM_WORKER_RETRY_FIRST_DELAY_SECONDS=0"}));
  put("a");
  ASSERT_TRUE(comes_to("a", "delayed")) << places("a") << worker.process().err();
  redis.ask({"ZREM", "ryumem:delayed", "a"});
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "a"});
  ASSERT_TRUE(becomes("a", "completed")) << worker.process().err();
  const std::vector<JsonDocument> lines = outcomes(end_of(worker), "a");
  ASSERT_EQ(lines.size(), 2u);
  const JsonValue first = lines[0].root();
  EXPECT_EQ(first["level"].string(), "warning");
  EXPECT_EQ(first["outcome"].string(), "delayed");
  EXPECT_EQ(first["kind"].string(), "transient");
  EXPECT_EQ(first["step"].string(), "upsert_entities");
  EXPECT_EQ(first["calls"].integer(), 2);
  EXPECT_GT(first["cost_usd"].number().value_or(0), 0);
  const JsonValue second = lines[1].root();
  EXPECT_EQ(second["outcome"].string(), "completed");
  EXPECT_EQ(second["attempt"].integer(), 2);
  EXPECT_EQ(second["calls"].integer(), 2);
  EXPECT_EQ(second["calls_saved"].integer(), 2);
}

TEST_F(WorkerLogs, HaveNothingOfWhatIsInEpisodesUnlessAskedTo) {
  put("a");
  WorkerProcess discreet(redis, sandbox, with({}));
  ASSERT_TRUE(becomes("a", "completed"));
  const std::string without = end_of(discreet);
  EXPECT_THAT(without, Not(HasSubstr("Alice")));
  EXPECT_THAT(without, Not(HasSubstr("Paris")));
  put("b");
  WorkerProcess talkative(redis, sandbox, with({"RYUMEM_WORKER_LOG_CONTENT=true"}));
  ASSERT_TRUE(becomes("b", "completed"));
  const std::string content = end_of(talkative);
  EXPECT_THAT(content, HasSubstr("\"text\":\"prompt: "));
  EXPECT_THAT(content, HasSubstr("\"text\":\"answer: "));
  EXPECT_THAT(content, HasSubstr("Alice met Bob in Paris."));
}

TEST_F(WorkerLogs, AndDeadLettersHaveNoKeyThatAServerRepeats) {
  Job job = test::episode_job("a");
  job.api_key = "tenant-key-of-acme";
  job.max_retries = 1;
  sandbox.inject(R"json({"path":"/internal/entities/upsert","status":422,
      "body":"{\"detail\":\"no such tenant: tenant-key-of-acme, nor our-internal-key\"}"})json");
  redis.ask({"SET", "ryumem:job:a", new_body(job), "EX", "86400"});
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "a"});
  WorkerProcess worker(redis, sandbox, with({"WORKER_INTERNAL_KEY=our-internal-key"}));
  ASSERT_TRUE(comes_to("a", "dead")) << places("a") << worker.process().err();
  const std::string log = end_of(worker);
  EXPECT_THAT(log, HasSubstr("no such tenant: ***, nor ***"));
  for (const std::string& text :
       {log, letter("a", "cause"), redis.ask({"HGETALL", "ryumem:dead:a"})}) {
    EXPECT_THAT(text, Not(HasSubstr("our-internal-key"))) << text;
  }
  EXPECT_THAT(log, Not(HasSubstr("tenant-key")));
  EXPECT_THAT(letter("a", "cause"), Not(HasSubstr("tenant-key")));
}

}  // namespace
}  // namespace ryumem
