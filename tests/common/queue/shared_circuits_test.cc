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
    for (const char* text : {"", "[", "7", "{\"asked\":\"x\"}", "{\"asked\":7}", "\xff"}) {
      bench.server.ask({"HSET", "ryumem:circuits", kCircuit, text});
      const CircuitReply reply = co_await look(bench, "b");
      EXPECT_FALSE(reply.open) << text;
    }
  });
}

// What stands there under our name, as of now.
void written(QueueBench& bench, const std::string& name, const std::string& rest) {
  const std::string json = "{\"asked\":" + from_now(bench.server, 0) + rest + "}";
  bench.server.ask({"HSET", "ryumem:circuits", name, json});
}

TEST(CircuitsScript, BelievesNothingOfWhatOthersWroteThatCannotBe) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::string much_later = from_now(bench.server, 86'400);
    for (const std::string& rest :
         {std::string(), ",\"next\":" + much_later,
          std::string(",\"next\":\"x\",\"failures\":null"),
          ",\"tries\":7,\"why\":{},\"failures\":1e300,\"next\":" + much_later}) {
      written(bench, kCircuit, rest);
      const CircuitReply reply = co_await look(bench, "b");
      EXPECT_TRUE(reply.open) << rest;
      EXPECT_LE(reply.left, Millis(60'000)) << rest;
      EXPECT_EQ(reply.why, "no reason is known") << rest;
      co_await fail(bench, "b");
    }
  });
}

CircuitAsk willing(const std::string& name) {
  CircuitAsk ask;
  ask.name = name;
  ask.would = true;
  return ask;
}

// Else two processes could hold one each, and neither take a job.
TEST(CircuitsScript, GivesTheTurnOfAllThatAreOpenOrOfNone) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const std::string due = ",\"why\":\"w\",\"next\":" + from_now(bench.server, -1);
    written(bench, "one", due);
    written(bench, "two", ",\"why\":\"w\",\"next\":" + from_now(bench.server, 30));
    const std::vector<CircuitAsk> both = {willing("one"), willing("two")};
    std::vector<CircuitReply> replies = co_await ask_circuits(bench.queue, "a", both, bench.cancel);
    EXPECT_FALSE(replies.at(0).ours);
    EXPECT_FALSE(replies.at(1).ours);
    written(bench, "two", due);
    replies = co_await ask_circuits(bench.queue, "a", both, bench.cancel);
    EXPECT_TRUE(replies.at(0).ours);
    EXPECT_TRUE(replies.at(1).ours);
    replies = co_await ask_circuits(bench.queue, "b", both, bench.cancel);
    EXPECT_FALSE(replies.at(0).ours || replies.at(1).ours);
    // The failure of one leaves the other with whoever has it.
    std::vector<CircuitAsk> failed = both;
    failed[0].event = CircuitAsk::Event::failed;
    replies = co_await ask_circuits(bench.queue, "a", failed, bench.cancel);
    EXPECT_FALSE(replies.at(0).ours);
    EXPECT_TRUE(replies.at(1).ours);
  });
}

TEST(CircuitsScript, IsClosedByAnybodyWhenItIsTimeAndNobodyTries) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a");
    pass(bench, 1000);
    co_await look(bench, "b");
    pass(bench, 5000);  // Redis was away, say, and each went by what it found
    const CircuitReply reply = co_await ask(bench, "c", CircuitAsk::Event::works);
    EXPECT_FALSE(reply.open);
  });
}

TEST(CircuitsScript, LeavesNothingBehindWhenNobodyAsksAnyMore) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    co_await fail(bench, "a");
    EXPECT_GT(std::atoi(bench.server.ask({"TTL", "ryumem:circuits"}).c_str()), 500);
  });
}

}  // namespace
}  // namespace ryumem::test
