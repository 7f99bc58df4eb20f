// One job from its claim to its settlement: what is in Redis and what the server was told.
#include "worker/pipeline/run_job.h"

#include "common/async/timer.h"
#include "tests/common/queue/redis_state.h"
#include "tests/worker/bench.h"
#include "tests/worker/pipeline/episode.h"

namespace ryumem {
namespace {

using test::Bench;
using test::episode_job;
using test::observed;
using test::RedisServer;
using test::with_bench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kDay = " for a day";
constexpr const char* kHour = " for an hour";

std::string line(const Job& job, const std::string& status, int retry_count,
                 const std::string& lifetime) {
  Job as_written = job;
  as_written.body = new_body(job);
  return "ryumem:job:" + job.id + " string " + body_with(as_written, status, retry_count) +
         lifetime;
}

// A Redis for the bench's jobs.
class Line {
 public:
  explicit Line(Bench& bench)
      : extraction_(bench.llm, bench.graph),
        runner_(queue_, extraction_, bench.graph, bench.settings, bench.slot()) {}

  Cancel work;
  Cancel last;

  RedisServer& server() { return server_; }
  std::vector<std::string> state() { return test::state_of(server_); }
  void put(const Job& job) {
    server_.ask({"SET", "ryumem:job:" + job.id, new_body(job), "EX", "86400"});
    server_.ask({"LPUSH", "ryumem:extraction_jobs", job.id});
  }
  /// Claims the oldest job and runs it to its settlement.
  Task<> run_one() {
    std::vector<Claim> claims = co_await queue_.claim(1, last);
    EXPECT_EQ(claims.size(), 1u);
    co_await runner_.run(std::move(claims.at(0)), work, last);
  }
  Task<> close() { co_await redis_.close(); }

 private:
  RedisServer server_;
  Redis redis_{RedisUrl::parse(server_.url()), Millis(8000)};
  Queue queue_{redis_, Keys(), "w"};
  Extraction extraction_;
  JobRunner runner_;
};

using LineTest = Task<> (*)(Bench&, Line&);

Task<> with_line(Bench& bench, LineTest body) {
  co_await bench.script(test::kEpisodeScript);
  Line line(bench);
  std::exception_ptr problem;
  try {
    co_await body(bench, line);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await line.close();
  if (problem) std::rethrow_exception(problem);
}

std::uint64_t outcome(Bench& bench, Outcome which) { return bench.slot().jobs[which].load(); }

// The reports that the server got: "" for a success, else the error.
Task<std::vector<std::string>> reports(Bench& bench) {
  const std::vector<JsonDocument> calls = co_await bench.calls("/internal/episodes");
  std::vector<std::string> found;
  for (const JsonDocument& call : calls)
    found.emplace_back(call.root()["body"]["error"].string().value_or(""));
  co_return found;
}

TEST(JobRunner, CompletesAJobAndAcknowledgesIt) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      const Job job = episode_job("a");
      line_.put(job);
      co_await line_.run_one();
      EXPECT_THAT(line_.state(), ElementsAre(line(job, "completed", 0, kHour)));
      EXPECT_EQ(outcome(the, Outcome::completed), 1u);
      EXPECT_EQ(the.slot().entities.load(), 3u);
      EXPECT_EQ(the.slot().relationships.load(), 2u);
      EXPECT_EQ(the.slot().jobs_in_hand.load(), 0u);
      EXPECT_EQ(observed(the.slot().of(Step::acknowledge)), 1u);
      const std::vector<std::string> told = co_await reports(the);
      EXPECT_THAT(told, ElementsAre(""));
    });
  });
}

// Each way in which a call can fail, at each step of a job.
struct Trouble {
  test::Target target;
  const char* fault;
};

class NoSilentSuccess : public testing::TestWithParam<Trouble> {};

// For the coroutines of the test that runs, which capture nothing.
Trouble& current() {
  static Trouble trouble{};
  return trouble;
}

TEST_P(NoSilentSuccess, AFailedStepSendsTheJobBackAndNothingIsReported) {
  current() = GetParam();
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      co_await the.inject(std::string("{") + current().target.rule + "," + current().fault + "}");
      const Job job = episode_job("a");
      line_.put(job);
      co_await line_.run_one();
      EXPECT_THAT(line_.state(),
                  ElementsAre("ryumem:extraction_jobs list [a]", line(job, "pending", 1, kDay)));
      EXPECT_EQ(outcome(the, Outcome::retried), 1u);
      EXPECT_EQ(outcome(the, Outcome::completed), 0u);
      EXPECT_EQ(the.slot().entities.load(), 0u);
      // A report whose answer was lost on its way may have arrived; it will be made again.
      const std::vector<std::string> told = co_await reports(the);
      EXPECT_EQ(told.empty(), current().target.step != Step::complete);
      const bool lost = std::string(current().fault).find("truncate") != std::string::npos;
      const std::string list = co_await the.control("GET", "/sandbox/episodes", "");
      const bool may_have_arrived = lost && !told.empty();
      EXPECT_TRUE(may_have_arrived || list.find("e-a") == std::string::npos) << list;
    });
  });
}

TEST_P(NoSilentSuccess, AFailedStepOfASpentJobIsReportedWithItsError) {
  current() = GetParam();
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      co_await the.inject(std::string("{") + current().target.rule + "," + current().fault + "}");
      const Job job = episode_job("a", 2);
      line_.put(job);
      co_await line_.run_one();
      EXPECT_THAT(line_.state(), ElementsAre(line(job, "failed", 3, kHour)));
      EXPECT_EQ(outcome(the, Outcome::failed), 1u);
      const std::vector<std::string> told = co_await reports(the);
      EXPECT_FALSE(told.empty());
      if (told.empty()) co_return;
      // It names the step, so that an operator knows where to look.
      EXPECT_THAT(told.back(),
                  testing::StartsWith(std::string(name(current().target.step)) + ": "));
      const std::string list = co_await the.control("GET", "/sandbox/episodes", "");
      EXPECT_THAT(list, HasSubstr("\"status\":\"failed\""));
      EXPECT_THAT(list, Not(HasSubstr("\"status\":\"completed\"")));
    });
  });
}

std::vector<Trouble> all_troubles() {
  std::vector<Trouble> troubles;
  for (const test::Target& target : test::kTargets)
    for (const char* fault :
         {"\"status\":500", "\"reset\":true", "\"truncate\":true", R"("status":200,"body":"{}")"})
      troubles.push_back({target, fault});
  return troubles;
}

INSTANTIATE_TEST_SUITE_P(EachStep, NoSilentSuccess, testing::ValuesIn(all_troubles()),
                         [](const testing::TestParamInfo<Trouble>& info) {
                           return std::string(name(info.param.target.step)) + "_" +
                                  std::to_string(info.index % 4);
                         });

TEST(JobRunner, FailsAtOnceWhatWillAlwaysBeRefused) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      co_await the.inject(R"({"path":"/internal/entities","status":422,"body":"no such field"})");
      const Job job = episode_job("a");
      line_.put(job);
      co_await line_.run_one();
      EXPECT_THAT(line_.state(), ElementsAre(line(job, "failed", 1, kHour)));
      const std::vector<std::string> told = co_await reports(the);
      EXPECT_THAT(told, ElementsAre(HasSubstr("no such field")));
    });
  });
}

TEST(JobRunner, FailsAJobWhoseEpisodeDoesNotExist) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      co_await the.control("POST", "/sandbox/episodes/absent", R"({"episode_uuid":"e-a"})");
      const Job job = episode_job("a");
      line_.put(job);
      co_await line_.run_one();
      EXPECT_THAT(line_.state(), ElementsAre(line(job, "failed", 1, kHour)));
      EXPECT_EQ(the.slot().of(Kind::gone).load(), 1u);
    });
  });
}

TEST(JobRunner, GoesOnTellingTheServerOfAFailureUntilItKnows) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      co_await the.inject(R"({"path":"/api/chat","status":500},
                             {"path":"/internal/episodes","status":503,"times":1})");
      const Job job = episode_job("a", 2);
      line_.put(job);
      co_await line_.run_one();
      EXPECT_THAT(line_.state(), ElementsAre(line(job, "failed", 3, kHour)));
      const std::vector<std::string> told = co_await reports(the);
      EXPECT_EQ(told.size(), 2u);
    });
  });
}

TEST(JobRunner, GivesASpentJobBackWhenItHasToStopBeforeTheServerKnows) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      co_await the.inject(R"({"path":"/api/chat","status":500},
                             {"path":"/internal/episodes","hang":true})");
      const Job job = episode_job("a", 2);
      line_.put(job);
      const Deadline deadline(line_.work, Millis(300), Failure(Kind::stopping, "going"));
      co_await line_.run_one();
      EXPECT_THAT(line_.state(),
                  ElementsAre("ryumem:extraction_jobs list [a]", line(job, "pending", 2, kDay)));
      EXPECT_EQ(outcome(the, Outcome::given_back), 1u);
    });
  });
}

TEST(JobRunner, GivesBackUnburntWhatItIsToldToStop) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      co_await the.inject(R"({"path":"/api/chat","hang":true})");
      const Job job = episode_job("a");
      line_.put(job);
      line_.put(episode_job("b"));
      const Deadline deadline(line_.work, Millis(100), Failure(Kind::stopping, "going"));
      co_await line_.run_one();
      EXPECT_THAT(line_.state(),
                  ElementsAre("ryumem:extraction_jobs list [b,a]", line(job, "pending", 0, kDay),
                              "ryumem:job:b string " + new_body(episode_job("b")) + kDay));
      EXPECT_EQ(outcome(the, Outcome::given_back), 1u);
      EXPECT_EQ(the.slot().of(Kind::stopping).load(), 0u);
    });
  });
}

TEST(JobRunner, EndsAnAttemptThatTakesLongerThanAJobMay) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
          co_await the.inject(R"({"path":"/api/chat","hang":true})");
          const Job job = episode_job("a");
          line_.put(job);
          co_await line_.run_one();
          EXPECT_THAT(line_.state(), ElementsAre("ryumem:extraction_jobs list [a]",
                                                 line(job, "pending", 1, kDay)));
          EXPECT_EQ(the.slot().of(Kind::transient).load(), 1u);
        });
      },
      {{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "1"}, {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "60"}});
}

TEST(JobRunner, SetsAsideWhatItCannotRead) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      line_.server().ask({"SET", "ryumem:job:a", "{\"job_id\": 7}", "EX", "86400"});
      line_.server().ask({"LPUSH", "ryumem:extraction_jobs", "a"});
      co_await line_.run_one();
      EXPECT_THAT(line_.state(), ElementsAre("ryumem:job:a string {\"job_id\": 7}"));
      EXPECT_EQ(outcome(the, Outcome::failed), 1u);
      EXPECT_EQ(the.slot().of(Kind::gone).load(), 1u);
      const std::vector<JsonDocument> calls = co_await the.calls("/");
      EXPECT_THAT(calls, IsEmpty());
    });
  });
}

TEST(JobRunner, WritesNothingForAJobThatWasTakenOver) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      line_.put(episode_job("a"));
      Redis other(RedisUrl::parse(line_.server().url()), Millis(8000));
      Queue queue(other, Keys(), "w");
      std::vector<Claim> claims = co_await queue.claim(1, the.cancel);
      line_.server().ask({"HSET", "ryumem:owners", "a", "other:1:1"});
      const std::vector<std::string> before = line_.state();
      Extraction extraction(the.llm, the.graph);
      JobRunner runner(queue, extraction, the.graph, the.settings, the.slot());
      co_await runner.run(std::move(claims.at(0)), line_.work, line_.last);
      co_await other.close();
      EXPECT_EQ(line_.state(), before);
      for (int i = 0; i < static_cast<int>(Outcome::count); ++i)
        EXPECT_EQ(outcome(the, static_cast<Outcome>(i)), 0u);
      const std::vector<JsonDocument> calls = co_await the.calls("/");
      EXPECT_THAT(calls, IsEmpty());
    });
  });
}

TEST(JobRunner, NeverTellsATenantsSecret) {
  with_bench([](Bench& bench) -> Task<> {
    co_await with_line(bench, [](Bench& the, Line& line_) -> Task<> {
      Job job = episode_job("a");
      job.api_key = "ryu_secret\nX-Evil: 1";
      line_.put(job);
      testing::internal::CaptureStderr();
      testing::internal::CaptureStdout();
      co_await line_.run_one();
      const std::string said =
          testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout();
      EXPECT_THAT(said, HasSubstr("X-API-Key"));
      EXPECT_THAT(said, Not(HasSubstr("ryu_secret")));
      EXPECT_THAT(line_.state(), ElementsAre(line(job, "failed", 1, kHour)));
      const std::vector<JsonDocument> calls = co_await the.calls("/internal");
      EXPECT_THAT(calls, IsEmpty());
    });
  });
}

}  // namespace
}  // namespace ryumem
