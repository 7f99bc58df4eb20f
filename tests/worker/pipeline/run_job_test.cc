// One job from its claim to its settlement: what is in Redis and what the server was told.
#include "worker/pipeline/run_job.h"

#include "tests/worker/line.h"

namespace ryumem {
namespace {

using test::answered;
using test::Bench;
using test::episode_job;
using test::Line;
using test::observed;
using test::with_line;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kDay = " for a day";
constexpr const char* kHour = " for an hour";

std::string text(const Job& job, const std::string& status, int retry_count) {
  Job as_written = job;
  as_written.body = new_body(job);
  return body_with(as_written, status, retry_count);
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
  with_line([](Bench& bench, Line& line) -> Task<> {
    const Job job = episode_job("a");
    line.put(job);
    co_await line.hand.run_one();
    // Its body, and nothing else.
    EXPECT_THAT(test::state_of(line.server),
                ElementsAre("ryumem:job:a string " + text(job, "completed", 0) + kHour));
    EXPECT_EQ(outcome(bench, Outcome::completed), 1u);
    EXPECT_EQ(bench.slot().claimed.load(), 1u);
    EXPECT_EQ(bench.slot().entities.load(), 3u);
    EXPECT_EQ(bench.slot().relationships.load(), 2u);
    EXPECT_EQ(bench.slot().jobs_in_hand.load(), 0u);
    EXPECT_EQ(observed(bench.slot().of(Step::acknowledge)), 1u);
    const std::vector<std::string> told = co_await reports(bench);
    EXPECT_THAT(told, ElementsAre(""));
  });
}

// Each way in which a call can fail, at each step of a job.
struct Trouble {
  test::Target target;
  const char* fault;

  bool lost_answer() const {
    return std::string(fault).find("truncate") != std::string::npos ||
           std::string(fault).find("after_work") != std::string::npos;
  }
  std::string rule() const { return std::string("{") + target.rule + "," + fault + "}"; }
};

class NoSilentSuccess : public testing::TestWithParam<Trouble> {};

// For the coroutines of the test that runs, which capture nothing.
Trouble& current() {
  static Trouble trouble{};
  return trouble;
}

TEST_P(NoSilentSuccess, AFailedStepDelaysTheJobAndNothingIsReported) {
  current() = GetParam();
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(current().rule());
    const Job job = episode_job("a");
    line.put(job);
    co_await line.hand.run_one();
    EXPECT_EQ(line.places("a"), "delayed");
    EXPECT_EQ(line.body("a"), text(job, "pending", 1));  // without a limit
    EXPECT_THAT(line.journal("a", "attempt:1"),
                HasSubstr(std::string(name(current().target.step)) + ": "));
    EXPECT_EQ(outcome(bench, Outcome::delayed), 1u);
    EXPECT_EQ(outcome(bench, Outcome::completed), 0u);
    EXPECT_EQ(bench.slot().entities.load(), 0u);
    // A report whose answer was lost on its way may have arrived; it will be made again.
    const std::vector<std::string> told = co_await reports(bench);
    EXPECT_EQ(told.empty(), current().target.step != Step::complete);
    const std::string list = co_await bench.control("GET", "/sandbox/episodes", "");
    const bool may_have_arrived = current().lost_answer() && !told.empty();
    EXPECT_TRUE(may_have_arrived || list.find("e-a") == std::string::npos) << list;
  });
}

TEST_P(NoSilentSuccess, AFailedStepOfASpentJobBuriesItAndTheServerIsTold) {
  current() = GetParam();
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(current().rule());
    const Job job = episode_job("a", 2);
    line.put(job);
    co_await line.hand.run_one();
    EXPECT_EQ(line.places("a"), "dead untold");
    EXPECT_EQ(line.body("a"), text(job, "failed", 3) + kHour);
    EXPECT_EQ(outcome(bench, Outcome::buried), 1u);
    EXPECT_EQ(line.letter("a", "body"), text(job, "failed", 3));
    EXPECT_THAT(line.letter("a", "kind"), testing::AnyOf("transient", "bad_answer"));
    // It names the step, so that an operator knows where to look.
    EXPECT_THAT(line.letter("a", "cause"),
                StartsWith(std::string(name(current().target.step)) + ": "));
    EXPECT_THAT(line.journal("a", "attempt:3"), HasSubstr("\"token\":\"w:1:1\""));
    EXPECT_EQ(test::lifetime(line.server, "ryumem:journal:a"), "");
    co_await line.tell();
    const std::vector<std::string> told = co_await reports(bench);
    EXPECT_FALSE(told.empty());
    if (told.empty()) co_return;
    EXPECT_EQ(told.back(), line.letter("a", "kind") + ": " + line.letter("a", "cause"));
    const std::string list = co_await bench.control("GET", "/sandbox/episodes", "");
    EXPECT_THAT(list, HasSubstr("\"status\":\"failed\""));
    EXPECT_THAT(list, Not(HasSubstr("\"status\":\"completed\"")));
  });
}

// The next attempt begins where the last one failed: nothing that was answered is asked again.
TEST_P(NoSilentSuccess, TheNextAttemptPaysForNothingTwice) {
  current() = GetParam();
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(current().rule());
    line.put(episode_job("a"));
    co_await line.hand.run_one();
    co_await bench.control("DELETE", "/sandbox/faults", "");
    co_await line.promote("a");
    EXPECT_EQ(line.places("a"), "pending");
    co_await line.other.run_one();
    EXPECT_EQ(line.places("a"), "nowhere");
    EXPECT_EQ(line.body("a"), text(episode_job("a"), "completed", 1) + kHour);
    EXPECT_EQ(line.server.ask({"EXISTS", "ryumem:journal:a"}), "0");
    const std::vector<JsonDocument> calls = co_await bench.calls("/");
    EXPECT_EQ(calls.size(), 11u);  // ten, and the one that failed
  });
}

// A process that dies leaves its job as it is, and the one that takes it up goes on from there.
TEST_P(NoSilentSuccess, TheNextOwnerPaysForNothingTwice) {
  current() = GetParam();
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(current().rule());
    line.put(episode_job("a"));
    co_await test::failure_of(line.hand.extract_one());
    co_await bench.control("DELETE", "/sandbox/faults", "");
    const TakenBack back = co_await line.other.queue.reclaim("w:", true, bench.cancel);
    EXPECT_EQ(back.requeued, 1);
    EXPECT_EQ(line.journal("a", "crashes"), "1");
    const bool paid = std::string(current().target.rule).find("/api/") != std::string::npos;
    EXPECT_EQ(back.in_doubt, paid ? 1 : 0);
    co_await line.other.run_one();
    EXPECT_EQ(line.places("a"), "nowhere");
    const std::vector<JsonDocument> calls = co_await bench.calls("/");
    EXPECT_EQ(calls.size(), 11u);
    const std::map<std::string, int> each = co_await answered(bench, "/");
    EXPECT_EQ(each.size(), 10u);
  });
}

std::vector<Trouble> all_troubles() {
  std::vector<Trouble> troubles;
  for (const test::Target& target : test::kTargets)
    for (const char* fault : {"\"status\":500", R"("reset":true,"after_work":true)",
                              "\"truncate\":true", R"("status":200,"body":"{}")"})
      troubles.push_back({target, fault});
  return troubles;
}

INSTANTIATE_TEST_SUITE_P(EachStep, NoSilentSuccess, testing::ValuesIn(all_troubles()),
                         [](const testing::TestParamInfo<Trouble>& info) {
                           return std::string(name(info.param.target.step)) + "_" +
                                  std::to_string(info.index % 4);
                         });

TEST(JobRunner, DelaysByTheSettingsAndByThePeersHint) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        co_await bench.inject(R"({"path":"/api/chat","status":500,"times":1},
            {"path":"/api/chat","status":429,"headers":{"Retry-After":"500"}})");
        line.put(episode_job("a"));
        const std::int64_t before = line.now_ms();
        co_await line.hand.run_one();
        const std::int64_t soon = std::stoll(line.server.ask({"ZSCORE", "ryumem:delayed", "a"}));
        EXPECT_GE(soon, before);
        EXPECT_LE(soon, line.now_ms() + 3000);
        line.put(episode_job("b"));
        const std::int64_t asked = line.now_ms();
        co_await line.hand.run_one();
        const std::int64_t late = std::stoll(line.server.ask({"ZSCORE", "ryumem:delayed", "b"}));
        EXPECT_GE(late, asked + 500'000);
        EXPECT_LE(late, line.now_ms() + 500'000);
      },
      {{"RYUMEM_WORKER_RETRY_FIRST_DELAY_SECONDS", "3"}});
}

TEST(JobRunner, BuriesAtOnceWhatWillAlwaysBeRefused) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/internal/entities","status":422,"body":"no such field"})");
    const Job job = episode_job("a");
    line.put(job);
    co_await line.hand.run_one();
    EXPECT_EQ(line.places("a"), "dead untold");
    EXPECT_EQ(line.body("a"), text(job, "failed", 1) + kHour);
    EXPECT_EQ(line.letter("a", "kind"), "rejected");
    EXPECT_THAT(line.letter("a", "cause"), HasSubstr("no such field"));
    EXPECT_EQ(line.letter("a", "told"), "0");
    co_await line.tell();
    EXPECT_EQ(line.places("a"), "dead");
    EXPECT_EQ(line.letter("a", "told"), "1");
    const std::vector<std::string> told = co_await reports(bench);
    EXPECT_THAT(told, ElementsAre(HasSubstr("no such field")));
  });
}

TEST(JobRunner, KeepsTheWholeBodyAndTheAttemptsOfADeadJob) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","status":500,"body":"out of memory"})");
    std::string body = new_body(episode_job("a"));
    body.insert(body.rfind('}'), R"(, "trace": {"n":[ 1.50 ,-0.0]})");
    line.put_body("a", body);
    for (int attempt = 1; attempt <= 3; ++attempt) {
      co_await line.hand.run_one();
      if (attempt < 3) co_await line.promote("a");
    }
    EXPECT_EQ(line.places("a"), "dead untold");
    EXPECT_THAT(line.letter("a", "body"), HasSubstr(R"(, "trace": {"n":[ 1.50 ,-0.0]})"));
    EXPECT_THAT(line.letter("a", "body"), HasSubstr("\"retry_count\":3"));
    EXPECT_EQ(line.letter("a", "kind"), "transient");
    for (const char* attempt : {"attempt:1", "attempt:2", "attempt:3"})
      EXPECT_THAT(line.journal("a", attempt),
                  testing::AllOf(HasSubstr("\"kind\":\"transient\""), HasSubstr("out of memory")));
    EXPECT_EQ(line.server.ask({"HLEN", "ryumem:journal:a"}), "3");
    EXPECT_GT(std::stoll(line.letter("a", "at")), 0);
  });
}

TEST(JobRunner, BuriesAJobWhoseEpisodeDoesNotExistAndTheServerNeedNotKnow) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.control("POST", "/sandbox/episodes/absent", R"({"episode_uuid":"e-a"})");
    line.put(episode_job("a"));
    co_await line.hand.run_one();
    EXPECT_EQ(line.places("a"), "dead untold");
    EXPECT_EQ(bench.slot().of(Kind::gone).load(), 1u);
    co_await line.tell();
    EXPECT_EQ(line.places("a"), "dead");
    EXPECT_THAT(line.letter("a", "told"), HasSubstr("Episode not found: e-a"));
  });
}

// The dependency is out for every job: no attempt is burnt, and the place in the line is kept.
struct Outage {
  const char* rule;
  Dependency on;
  Kind kind;
};

Outage& outage() {
  static Outage it{};
  return it;
}

class OutOfOrder : public testing::TestWithParam<Outage> {};

TEST_P(OutOfOrder, GivesTheJobBackUnburntAndOpensTheCircuit) {
  outage() = GetParam();
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(outage().rule);
    const Job job = episode_job("a");
    line.put(job);
    line.put(episode_job("b"));
    co_await line.hand.run_one();
    EXPECT_EQ(line.places("a"), "pending");
    EXPECT_EQ(line.body("a"), text(job, "pending", 0) + kDay);
    EXPECT_EQ(line.server.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), "b\na");
    EXPECT_EQ(outcome(bench, Outcome::given_back), 1u);
    EXPECT_EQ(bench.slot().of(outage().kind).load(), 1u);
    EXPECT_EQ(bench.shown(outage().on), CircuitState::open);
    EXPECT_THAT(bench.slot().of(outage().on).reason_text(), HasSubstr("why not"));
    // A canary goes to the back, so that another job is the next one.
    bench.close_circuits();
    Claim claim = co_await line.hand.claim();
    co_await line.hand.settle(std::move(claim), true);
    EXPECT_EQ(line.server.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), "a\nb");
    EXPECT_EQ(line.body("a"), text(job, "pending", 0) + kDay);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Table, OutOfOrder,
    testing::Values(Outage{R"({"path":"/api/chat","status":404,"body":"why not"})",
                           Dependency::chat_model, Kind::outage},
                    Outage{R"({"path":"/api/chat","status":503,"body":"why not"})",
                           Dependency::chat_model, Kind::unreachable},
                    Outage{R"({"path":"/api/embed","status":401,"body":"why not"})",
                           Dependency::embedding_model, Kind::outage},
                    Outage{R"({"path":"/internal","status":403,"body":"why not"})",
                           Dependency::server, Kind::outage},
                    Outage{R"({"path":"/internal","status":502,"body":"why not"})",
                           Dependency::server, Kind::unreachable}));

TEST(JobRunner, GivesBackUnburntWhatItIsToldToStop) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","hang":true})");
    const Job job = episode_job("a");
    line.put(job);
    line.put(episode_job("b"));
    const Deadline deadline(line.hand.work, Millis(100), Failure(Kind::stopping, "going"));
    co_await line.hand.run_one();
    EXPECT_THAT(test::state_of(line.server),
                ElementsAre("ryumem:extraction_jobs list [b,a]",
                            "ryumem:job:a string " + text(job, "pending", 0) + kDay,
                            "ryumem:job:b string " + new_body(episode_job("b")) + kDay));
    EXPECT_EQ(outcome(bench, Outcome::given_back), 1u);
    EXPECT_EQ(bench.slot().calls_abandoned.load(), 1u);
  });
}

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
            R"({"path":"/internal/entities","latency_ms":{"min":700,"max":700}})");
        line.put(episode_job("a"));
        co_await line.hand.run_one();
        EXPECT_EQ(line.places("a"), "delayed");
        const std::vector<JsonDocument> before = co_await bench.calls("/internal/entities");
        EXPECT_LT(before.size(), 3u);
        for (const JsonDocument& call : before) EXPECT_EQ(call.root()["status"].integer(), 200);
        co_await bench.inject(R"({"path":"/nothing"})");
        co_await line.promote("a");
        co_await line.hand.run_one();
        EXPECT_EQ(outcome(bench, Outcome::completed), 1u);
        const std::vector<JsonDocument> all = co_await bench.calls("/internal/entities");
        EXPECT_EQ(all.size(), 3u);
      },
      {{"RYUMEM_WORKER_JOB_TIMEOUT_SECONDS", "1"},
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

TEST(JobRunner, AcknowledgesACompletedJobWithoutWork) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    const Job job = episode_job("a");
    line.put_body("a", text(job, "completed", 1));
    co_await line.hand.run_one();
    EXPECT_THAT(test::state_of(line.server),
                ElementsAre("ryumem:job:a string " + text(job, "completed", 1) + kHour));
    const std::vector<JsonDocument> calls = co_await bench.calls("/");
    EXPECT_THAT(calls, IsEmpty());
    EXPECT_EQ(outcome(bench, Outcome::completed), 1u);
  });
}

TEST(JobRunner, BuriesWhatItCannotReadWithAllThatThereIs) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    const std::string raw("{\"job_id\": 7, \"x\": \"\0\xff\"", 21);
    line.put_body("a", raw);
    co_await line.hand.run_one();
    EXPECT_EQ(line.places("a"), "dead");  // nobody can be told
    EXPECT_EQ(line.letter("a", "body"), raw);
    EXPECT_EQ(line.letter("a", "kind"), "gone");
    EXPECT_THAT(line.letter("a", "told"), HasSubstr("nobody can be told"));
    EXPECT_EQ(line.body("a"), raw + kDay);
    EXPECT_EQ(outcome(bench, Outcome::buried), 1u);
    EXPECT_EQ(bench.slot().of(Kind::gone).load(), 1u);
    const std::vector<JsonDocument> calls = co_await bench.calls("/");
    EXPECT_THAT(calls, IsEmpty());
  });
}

TEST(JobRunner, WritesNothingForAJobThatWasTakenOver) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    line.put(episode_job("a"));
    Claim claim = co_await line.hand.claim();
    line.server.ask({"HSET", "ryumem:owners", "a", "other:1:1"});
    const std::vector<std::string> before = test::snapshot(line.server);
    co_await line.hand.settle(std::move(claim));
    EXPECT_EQ(test::snapshot(line.server), before);
    for (int i = 0; i < static_cast<int>(Outcome::count); ++i)
      EXPECT_EQ(outcome(bench, static_cast<Outcome>(i)), 0u);
    const std::vector<JsonDocument> calls = co_await bench.calls("/");
    EXPECT_THAT(calls, IsEmpty());
  });
}

TEST(JobRunner, StopsAndWritesNothingWhenTheLeaseIsLost) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        co_await bench.inject(R"({"path":"/api/chat","hang":true})");
        line.put(episode_job("a"));
        Cancel ended;
        Scope scope;
        scope.spawn(line.hand.leases.keep(ended));
        scope.spawn(line.hand.run_one());
        std::vector<JsonDocument> calls;
        while (calls.empty()) calls = co_await bench.calls("/api/chat");
        co_await line.expire("a");
        const Claim theirs = co_await line.other.claim();
        const std::vector<std::string> before = test::snapshot(line.server);
        const std::function<bool()> stopped = [&bench] {
          return bench.slot().leases_lost.load() == 1 && bench.slot().jobs_in_hand.load() == 0;
        };
        co_await test::eventually("the work has stopped", Seconds(10), stopped);
        ended.request(Failure(Kind::stopping, "over"));
        co_await scope.join();
        EXPECT_EQ(test::snapshot(line.server), before);
        EXPECT_EQ(line.server.ask({"HGET", "ryumem:owners", "a"}), theirs.token);
        EXPECT_EQ(bench.slot().of(Kind::lease_lost).load(), 1u);
        EXPECT_EQ(bench.slot().calls_abandoned.load(), 1u);
        for (int i = 0; i < static_cast<int>(Outcome::count); ++i)
          EXPECT_EQ(outcome(bench, static_cast<Outcome>(i)), 0u);
      },
      {{"RYUMEM_WORKER_LEASE_SECONDS", "1"}});
}

// Nobody renews here, so the first owner does not know yet: its answer has been paid for.
TEST(JobRunner, KeepsALateAnswerForTheNextOwner) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","latency_ms":{"min":300,"max":300},"times":1})");
    line.put(episode_job("a"));
    Scope scope;
    scope.spawn(line.hand.run_one());
    std::vector<JsonDocument> calls;
    while (calls.empty()) calls = co_await bench.calls("/api/chat");
    const TakenBack back = co_await line.expire("a");
    EXPECT_EQ(back.in_doubt, 1);
    co_await scope.join();
    EXPECT_EQ(line.places("a"), "pending");
    EXPECT_THAT(line.journal("a", "entities"), HasSubstr("Alice"));
    EXPECT_EQ(bench.slot().of(Kind::lease_lost).load(), 1u);
    co_await line.other.run_one();
    EXPECT_EQ(line.body("a"), text(episode_job("a"), "completed", 0) + kHour);
    const std::map<std::string, int> each = co_await answered(bench, "/");
    EXPECT_EQ(each.size(), 10u);
    for (const auto& [call, count] : each) EXPECT_EQ(count, 1) << call;
    EXPECT_EQ(bench.slot().calls_saved.load(), 1u);
  });
}

TEST(JobRunner, BuriesAPoisonousJobAtTheThirdCrash) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    line.put(episode_job("a"));
    for (int crash = 1; crash <= 3; ++crash) {
      EXPECT_EQ(line.places("a"), "pending");
      co_await line.hand.claim();
      co_await line.other.queue.reclaim("w:", true, bench.cancel);
    }
    EXPECT_EQ(line.places("a"), "dead untold");
    EXPECT_EQ(line.letter("a", "kind"), "poison");
    co_await line.tell();
    const std::vector<std::string> told = co_await reports(bench);
    EXPECT_THAT(told, ElementsAre(StartsWith("poison: 3 workers died")));
  });
}

TEST(JobRunner, NeverTellsATenantsSecret) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    Job job = episode_job("a");
    job.api_key = "ryu_secret\nX-Evil: 1";
    line.put(job);
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    co_await line.hand.run_one();
    co_await line.tell();
    const std::string said =
        testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout();
    EXPECT_THAT(said, HasSubstr("X-API-Key"));
    EXPECT_THAT(said, Not(HasSubstr("ryu_secret")));
    EXPECT_EQ(line.body("a"), text(job, "failed", 1) + kHour);
    EXPECT_THAT(line.letter("a", "cause"), Not(HasSubstr("ryu_secret")));
    EXPECT_THAT(line.letter("a", "told"),
                testing::AllOf(HasSubstr("X-API-Key"), Not(HasSubstr("ryu_secret"))));
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
    EXPECT_THAT(calls, IsEmpty());
  });
}

TEST(JobRunner, ParksAJobWhenWhatMayBeSpentIsSpentAndGoesOnWhenAnOperatorWantsIt) {
  with_line(
      [](Bench& bench, Line& line) -> Task<> {
        Spending spending;
        spending["acme"].nano_usd = 2'000'000'000;
        co_await line.hand.queue.spend("w", 1, spending, bench.cancel);
        const Job job = episode_job("a");
        line.put(job);
        co_await line.hand.run_one();
        EXPECT_EQ(line.places("a"), "parked");
        EXPECT_EQ(line.body("a"), text(job, "pending", 0));
        EXPECT_THAT(line.journal("a", "parked"), HasSubstr("customer acme may spend 1.00 USD"));
        EXPECT_EQ(outcome(bench, Outcome::parked), 1u);
        const std::vector<JsonDocument> calls = co_await bench.calls("/");
        EXPECT_THAT(calls, IsEmpty());
        // Somebody else's job is none of its business.
        Job other = episode_job("b");
        other.customer_id = "other";
        line.put(other);
        co_await line.hand.run_one();
        EXPECT_EQ(outcome(bench, Outcome::completed), 1u);
        const bool resumed = co_await line.hand.queue.resume("a", bench.cancel);
        EXPECT_TRUE(resumed);
        co_await line.hand.run_one();
        EXPECT_EQ(outcome(bench, Outcome::completed), 2u);
        EXPECT_EQ(line.body("a"), text(job, "completed", 0) + kHour);
      },
      {{"RYUMEM_WORKER_CUSTOMER_DAILY_CAP_USD", "1"}});
}

}  // namespace
}  // namespace ryumem
