// Each way in which a call can fail at each step of a job, and what an outage does to it.
#include "tests/worker/pipeline/ended.h"

namespace ryumem {
namespace {

using test::answered;
using test::Bench;
using test::episode_job;
using test::kDay;
using test::kHour;
using test::Line;
using test::outcome;
using test::reports;
using test::text;
using test::with_line;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

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

}  // namespace
}  // namespace ryumem
