// Calls to models that wait for their turn: what lanes are told by the two places that send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "common/async/scope.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/worker/bench.h"
#include "worker/llm/governor.h"

namespace ryumem {
namespace {

using test::Bench;
using test::eventually;
using test::failure_of;
using test::RedisServer;
using test::run_bench_test;
using test::run_on_loop;

using GovernedTest = Task<> (*)(Bench&, Governor&, RedisServer&);

// A bench test takes no more than the bench: what else there is to a test.
struct Affair {
  RedisServer server;
  GovernedTest body = nullptr;
};
std::unique_ptr<Affair> affair;

Task<> govern(Bench& bench) {
  Redis redis(RedisUrl::parse(affair->server.url()), Seconds(8));
  Queue queue(redis, Keys(), "w", Seconds(20));
  Governor governor(bench.settings, bench.slot());
  bench.model.govern_by(governor.chat);
  bench.embedder.govern_by(governor.embedding);
  Cancel ended;
  Scope background;
  background.spawn(governor.keep(queue, ended));
  std::exception_ptr problem;
  try {
    co_await affair->body(bench, governor, affair->server);
  } catch (...) {
    problem = std::current_exception();
  }
  ended.request(Failure(Kind::stopping, "the test has ended"));
  co_await background.join();
  co_await redis.close();
  if (problem) std::rethrow_exception(problem);
}

void with_governor(GovernedTest body, int requests = 0, const Environment& variables = {}) {
  affair = std::make_unique<Affair>();
  affair->body = body;
  sandbox::Options options;
  options.dimensions = 4;
  options.rates.requests = requests;
  options.rates.tokens = requests * 100;
  run_on_loop(run_bench_test(options, variables, govern), Seconds(50));
  affair.reset();
}

ChatQuestion question() {
  ChatQuestion out;
  out.system = "Answer.";
  out.user = "Anna met Bob.";
  out.schema = R"({"properties":{"entities":{}}})";
  return out;
}

TEST(GovernedCalls, TeachTheirLanesTheLimitsThatRepliesTell) {
  with_governor(
      [](Bench& bench, Governor& governor, RedisServer&) -> Task<> {
        EXPECT_EQ(governor.enough_jobs(), std::nullopt);
        const ChatQuestion asked = question();
        co_await bench.model.ask(asked, bench.cancel);
        const std::vector<std::string> texts = {"a", "b"};
        co_await bench.embedder.embed("acme", texts, bench.cancel);
        const std::function<bool()> learnt = [&] {
          return governor.chat.part().requests > 500 && governor.embedding.part().tokens > 50'000;
        };
        co_await eventually("both have learnt", Seconds(20), learnt);
        EXPECT_GE(governor.enough_jobs().value_or(0), 1u);
      },
      600);
}

TEST(GovernedCalls, ThatAreRefusedMakeAllWaitAndAreMadeAgain) {
  with_governor(
      [](Bench& bench, Governor&, RedisServer& server) -> Task<> {
        co_await bench.inject(
            R"({"path":"/api/chat","times":1,"status":429,"headers":{"Retry-After":"1"}})");
        const Monotonic::time_point began = Monotonic::now();
        const ChatQuestion asked = question();
        co_await bench.model.ask(asked, bench.cancel);
        EXPECT_GE(Monotonic::now() - began, Seconds(1));
        const std::string lane = server.ask({"KEYS", "ryumem:lane:chat:*"});
        EXPECT_EQ(server.ask({"HGET", lane, "refusals"}), "1");
        const std::vector<JsonDocument> calls = co_await bench.calls("/api/chat");
        EXPECT_EQ(calls.size(), 2u);
      },
      0, {{"RYUMEM_WORKER_CALL_TRIES", "3"}});
}

TEST(GovernedCalls, ThatFindNoModelSayNothingOfRates) {
  with_governor([](Bench& bench, Governor& governor, RedisServer&) -> Task<> {
    co_await bench.inject(R"({"path":"/api/chat","status":404,"body":"no such model"})");
    const ChatQuestion asked = question();
    const Failure failure = co_await failure_of(bench.model.ask(asked, bench.cancel));
    EXPECT_EQ(failure.kind(), Kind::outage);
    EXPECT_EQ(governor.enough_jobs(), std::nullopt);
  });
}

}  // namespace
}  // namespace ryumem
