// A job that another owner has taken over, or may have.
#include "tests/worker/pipeline/ended.h"

namespace ryumem {
namespace {

using test::answered;
using test::Bench;
using test::episode_job;
using test::kHour;
using test::Line;
using test::outcome;
using test::text;
using test::with_line;
using testing::HasSubstr;
using testing::IsEmpty;

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

}  // namespace
}  // namespace ryumem
