// One job from its claim to its settlement: what is in Redis and what the server was told.
#include "worker/pipeline/run_job.h"

#include "tests/worker/pipeline/ended.h"

namespace ryumem {
namespace {

using test::Bench;
using test::episode_job;
using test::kDay;
using test::kHour;
using test::Line;
using test::observed;
using test::outcome;
using test::reports;
using test::text;
using test::with_line;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

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
