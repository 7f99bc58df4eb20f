// The loop that takes jobs: what it does while a dependency is out.
#include "worker/consumer.h"

#include "tests/worker/line.h"

namespace ryumem {
namespace {

using test::answered;
using test::Bench;
using test::episode_job;
using test::eventually;
using test::Line;
using test::with_line;
using testing::HasSubstr;

struct Outage {
  const char* name;
  const char* rule;
  Dependency on;
  const char* says;
};

Outage& outage() {
  static Outage it{};
  return it;
}

constexpr const char* kIds[] = {"a", "b", "c", "d", "e", "f"};

class ConsumerInAnOutage : public testing::TestWithParam<Outage> {};

Task<> outlast(Bench& bench, Line& line, Shutdown& shutdown) {
  const std::function<bool()> open = [&bench] {
    return bench.shown(outage().on) == CircuitState::open &&
           bench.slot().of(outage().on).opened.load() >= 2;
  };
  co_await eventually("a probe has failed too", Seconds(15), open);
  EXPECT_THAT(bench.slot().of(outage().on).reason_text(), HasSubstr(outage().says));
  const std::function<bool()> given_back = [&] {
    return line.server.ask({"LLEN", "ryumem:extraction_jobs"}) == "6";
  };
  co_await eventually("all jobs wait", Seconds(10), given_back);
  for (const char* id : kIds) {
    EXPECT_EQ(line.places(id), "pending");
    EXPECT_THAT(line.body(id), HasSubstr("\"retry_count\":0"));
  }
  co_await bench.control("DELETE", "/sandbox/faults", "");
  const std::function<bool()> completed = [&bench] {
    return bench.slot().jobs[Outcome::completed].load() == 6;
  };
  co_await eventually("all are completed", Seconds(25), completed);
  EXPECT_EQ(bench.shown(outage().on), CircuitState::closed);
  EXPECT_EQ(bench.slot().jobs[Outcome::delayed].load(), 0u);
  EXPECT_EQ(bench.slot().jobs[Outcome::buried].load(), 0u);
  // Whatever was answered before the outage was not asked again after it.
  const std::map<std::string, int> each = co_await answered(bench, "/internal/");
  for (const auto& [call, count] : each) EXPECT_GE(count, 1) << call;
  const std::map<std::string, int> chats = co_await answered(bench, "/api/chat");
  int asked = 0;
  for (const auto& [call, count] : chats) asked += count;
  EXPECT_EQ(asked, 12);
  shutdown.begin("over");
}

TEST_P(ConsumerInAnOutage, BurnsNothingAndCompletesAllWhenItIsOver) {
  outage() = GetParam();
  with_line([](Bench& bench, Line& line) -> Task<> {
    co_await bench.inject(outage().rule);
    for (const char* id : kIds) line.put(episode_job(id));
    Redis waiting(RedisUrl::parse(line.server.url()), Millis(8000));
    Quiet quiet;
    Consumer consumer(line.hand.queue, waiting, bench.circuits, line.hand.runner, quiet, 4);
    Shutdown shutdown(Seconds(5));
    Scope scope;
    scope.spawn(consumer.run(shutdown));
    std::exception_ptr problem;
    try {
      co_await outlast(bench, line, shutdown);
    } catch (...) {
      problem = std::current_exception();
      shutdown.hurry();
    }
    co_await scope.join();
    co_await waiting.close();
    if (problem) std::rethrow_exception(problem);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConsumerInAnOutage,
    testing::Values(Outage{"WrongInternalKey",
                           R"({"path":"/internal","status":403,"body":"Invalid internal key"})",
                           Dependency::server, "set WORKER_INTERNAL_KEY"},
                    Outage{"NoSuchChatModel",
                           R"({"path":"/api/chat","status":404,"body":"no such model"})",
                           Dependency::chat_model, "ollama pull"},
                    Outage{"NoSuchEmbeddingModel",
                           R"({"path":"/api/embed","status":404,"body":"no such model"})",
                           Dependency::embedding_model, "ollama pull"}),
    [](const testing::TestParamInfo<Outage>& info) { return std::string(info.param.name); });

// A probe that falls due after the circuit was looked at and before the wait began.
TEST(ConsumersRoom, IsNotStuckWhenAProbeFallsDueWhileItLooks) {
  with_line([](Bench& bench, Line&) -> Task<> {
    Circuits& circuits = bench.circuits;
    circuits.server.failed(Failure(Kind::outage, "out"));
    const Monotonic::time_point looked = *circuits.server.probe_at() - std::chrono::nanoseconds(1);
    EXPECT_EQ(circuits.claimable(0, 4, looked), 0u);
    const std::function<bool()> due = [&] { return !circuits.server.open(); };
    co_await eventually("the probe is due", Seconds(10), due);
    Cancel cancel;
    const Deadline deadline(cancel, Seconds(5), Failure(Kind::internal, "it was not woken"));
    co_await circuits.changed(cancel, looked);
    EXPECT_EQ(circuits.claimable(0, 4), 1u);
  });
}

}  // namespace
}  // namespace ryumem
