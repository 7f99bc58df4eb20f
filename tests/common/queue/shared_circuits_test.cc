// scripts/circuits.lua, by way of ask_circuits, on a real Redis. Time passes by making what is in
// Redis older.
#include "common/queue/shared_circuits.h"

#include "tests/common/queue/queue_bench.h"

namespace ryumem::test {
namespace {

using testing::AllOf;
using testing::Gt;
using testing::Le;

constexpr const char* kCircuit = "chat:gemini:m:0123";

// As if so much time had passed.
void pass(QueueBench& bench, int ms) {
  const char* script =
      "local open = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]))\n"
      "open.next, open.asked = open.next - ARGV[2], open.asked - ARGV[2]\n"
      "redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(open))";
  bench.server.ask({"EVAL", script, "1", "ryumem:circuits", kCircuit, std::to_string(ms)});
}

Task<CircuitReply> ask(QueueBench& bench, std::string who, CircuitAsk::Event event,
                       bool would = true, Millis least = Millis(0)) {
  CircuitAsk ask;
  ask.name = kCircuit;
  ask.event = event;
  ask.why = event == CircuitAsk::Event::failed ? "status 401 for " + who : "";
  ask.least = least;
  ask.would = would;
  const std::vector<CircuitAsk> asks = {ask};
  const std::vector<CircuitReply> replies =
      co_await ask_circuits(bench.queue, std::move(who), asks, bench.cancel);
  co_return replies.at(0);
}
Task<CircuitReply> look(QueueBench& bench, std::string who, bool would = true) {
  co_return co_await ask(bench, std::move(who), CircuitAsk::Event::none, would);
}
Task<> fail(QueueBench& bench, std::string who, Millis least = Millis(0)) {
  co_await ask(bench, std::move(who), CircuitAsk::Event::failed, true, least);
}

TEST(CircuitsScript, IsOpenForAllOnceItFailedForOne) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const CircuitReply before = co_await look(bench, "b");
    EXPECT_FALSE(before.open);
    co_await fail(bench, "a");
    const CircuitReply after = co_await look(bench, "b");
    EXPECT_TRUE(after.open);
    EXPECT_FALSE(after.ours);
    EXPECT_EQ(after.why, "status 401 for a");
    EXPECT_THAT(after.left, AllOf(Gt(Millis(0)), Le(Millis(1000))));
  });
}

TEST(CircuitsScript, LetsOneAloneTryWhenItIsTime) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a");
    pass(bench, 1000);
    const CircuitReply unwilling = co_await look(bench, "a", false);
    const CircuitReply first = co_await look(bench, "b");
    const CircuitReply second = co_await look(bench, "c");
    const CircuitReply again = co_await look(bench, "b");
    EXPECT_FALSE(unwilling.ours);
    EXPECT_TRUE(first.ours);
    EXPECT_FALSE(second.ours);
    EXPECT_TRUE(again.ours);
  });
}

TEST(CircuitsScript, WaitsLongerAfterEachTryInVainUpToAMinute) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Millis before(0);
    for (int i = 0; i < 9; ++i) {
      co_await fail(bench, "a");
      const CircuitReply reply = co_await look(bench, "b");
      EXPECT_GE(reply.left + Millis(900), before);
      EXPECT_LE(reply.left, Millis(60'000));
      before = reply.left;
      pass(bench, 60'000);
      const CircuitReply ours = co_await look(bench, "a");
      EXPECT_TRUE(ours.ours);
    }
    EXPECT_GT(before, Millis(50'000));
  });
}

TEST(CircuitsScript, WaitsAtLeastAsLongAsItIsAskedTo) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a", Millis(40'000));
    const CircuitReply reply = co_await look(bench, "b");
    EXPECT_GT(reply.left, Millis(30'000));
  });
}

TEST(CircuitsScript, IsClosedForAllByTheOneWhoTries) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a");
    pass(bench, 1000);
    co_await look(bench, "b");
    const CircuitReply other = co_await ask(bench, "c", CircuitAsk::Event::works);
    EXPECT_TRUE(other.open);
    const CircuitReply tried = co_await ask(bench, "b", CircuitAsk::Event::works);
    EXPECT_FALSE(tried.open);
    const CircuitReply after = co_await look(bench, "c");
    EXPECT_FALSE(after.open);
    EXPECT_EQ(bench.server.ask({"EXISTS", "ryumem:circuits"}), "0");
  });
}

TEST(CircuitsScript, FailuresOfOthersChangeNothingWhileOneTries) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a");
    pass(bench, 1000);
    co_await look(bench, "b");
    co_await fail(bench, "c");
    const CircuitReply still = co_await look(bench, "b");
    EXPECT_TRUE(still.ours);
    EXPECT_EQ(still.why, "status 401 for a");
  });
}

TEST(CircuitsScript, LetsAnotherTryForOneThatFellSilentOrGaveUp) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a");
    pass(bench, 1000);
    co_await look(bench, "b");
    pass(bench, 5000);
    const CircuitReply after_silence = co_await look(bench, "c");
    EXPECT_TRUE(after_silence.ours);
    co_await look(bench, "c", false);
    const CircuitReply after_giving_up = co_await look(bench, "b");
    EXPECT_TRUE(after_giving_up.ours);
  });
}

TEST(CircuitsScript, ForgetsOneThatNobodyAsksAbout) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a");
    pass(bench, 601'000);
    const CircuitReply reply = co_await look(bench, "b");
    EXPECT_FALSE(reply.open);
  });
}

TEST(CircuitsScript, TakesWhatCannotBeReadForClosed) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    for (const char* text : {"", "[", "7", "{\"asked\":\"x\"}", "\xff"}) {
      bench.server.ask({"HSET", "ryumem:circuits", kCircuit, text});
      const CircuitReply reply = co_await look(bench, "b");
      EXPECT_FALSE(reply.open) << text;
    }
  });
}

}  // namespace
}  // namespace ryumem::test
