// scripts/lane.lua, by way of Queue::ask_lane, on a real Redis. Time passes by making what is in
// Redis older.
#include "common/queue/lane.h"

#include "tests/common/queue/queue_bench.h"

namespace ryumem::test {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Gt;
using testing::Le;
using testing::Lt;

constexpr const char* kKey = "ryumem:lane:x";

LaneAsk wanting(std::int64_t requests, std::int64_t tokens = 0) {
  LaneAsk ask;
  ask.lane = "x";
  ask.requests = requests;
  ask.tokens = tokens;
  return ask;
}

LaneAsk limited(double limit, std::int64_t requests) {
  LaneAsk ask = wanting(requests);
  ask.configured.requests = limit;
  return ask;
}

// Another process.
struct Other {
  Queue queue;
  explicit Other(QueueBench& bench, const char* owner = "other")
      : queue(bench.redis, Keys(), owner, kLease) {}
};

// As if so much time had passed.
void pass(QueueBench& bench, int ms) {
  const char* script =
      "for _, f in ipairs({'filled', 'may_send_at', 'refused_at', 'counted_from', 'cut_at'}) do\n"
      "  local v = redis.call('HGET', KEYS[1], f)\n"
      "  if v then redis.call('HSET', KEYS[1], f, v - ARGV[1]) end\n"
      "end";
  bench.server.ask({"EVAL", script, "1", kKey, std::to_string(ms)});
}

TEST(LaneScript, GrantsWhatItIsAskedForWhenNoLimitIsKnown) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    LaneAsk ask = wanting(5, 500);
    const LaneReply reply = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_FALSE(reply.all.any());
    EXPECT_EQ(reply.processes, 1);
    EXPECT_EQ(reply.wait, Millis(0));
  });
}

TEST(LaneScript, GrantsASecondsWorthAtOnceAndTheRestAsTimePasses) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const LaneAsk ask = limited(60'000, 100'000);
    const LaneReply first = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(first.requests, 960);
    EXPECT_EQ(first.all.requests, 57'600);
    pass(bench, 500);
    const LaneReply second = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_THAT(second.requests, AllOf(Ge(480), Le(960)));
  });
}

TEST(LaneScript, GrantsTokensLikewise) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    LaneAsk ask = wanting(3, 100'000);
    ask.configured.tokens = 60'000;
    const LaneReply reply = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(reply.tokens, 960);
    EXPECT_EQ(reply.requests, 0);
    EXPECT_EQ(reply.all.tokens, 57'600);
    EXPECT_EQ(reply.all.requests, 0);
  });
}

TEST(LaneScript, GrantsOneCallAtATimeWhereTheLimitIsSmall) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const LaneAsk ask = limited(10, 5);
    const LaneReply first = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(first.requests, 1);
    const LaneReply second = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(second.requests, 0);
    pass(bench, 6250);
    const LaneReply third = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(third.requests, 1);
  });
}

TEST(LaneScript, DividesWhatThereIsByWhatIsWanted) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Other other(bench);
    const LaneAsk nothing = limited(60'000, 0);
    const LaneAsk much = limited(60'000, 3000);
    co_await bench.queue.ask_lane(much, bench.cancel);
    // It wanted 2040 more, and that is known.
    pass(bench, 1000);
    const LaneAsk third = limited(60'000, 1020);
    const LaneReply reply = co_await other.queue.ask_lane(third, bench.cancel);
    EXPECT_THAT(reply.requests, AllOf(Ge(300), Le(400)));
    EXPECT_EQ(reply.processes, 2);
  });
}

TEST(LaneScript, TakesBackWhatIsNotUsed) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Other other(bench);
    const LaneAsk ask = limited(60, 1);
    const LaneReply first = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(first.requests, 1);
    const LaneAsk back = limited(60, -1);
    co_await bench.queue.ask_lane(back, bench.cancel);
    const LaneReply second = co_await other.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(second.requests, 1);
  });
}

TEST(LaneScript, KnowsALimitThatOneProcessWasToldForAll) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Other other(bench);
    LaneAsk told = wanting(0);
    told.told = PerMinute(600, 9000);
    co_await bench.queue.ask_lane(told, bench.cancel);
    const LaneAsk ask = wanting(1);
    const LaneReply reply = co_await other.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(reply.all.requests, 576);
    EXPECT_EQ(reply.all.tokens, 8640);
    LaneAsk configured = wanting(1);
    configured.configured.requests = 100;
    const LaneReply own = co_await other.queue.ask_lane(configured, bench.cancel);
    EXPECT_EQ(own.all.requests, 96);
  });
}

TEST(LaneScript, MakesAllWaitWhenOneIsAskedToAndThenLetsThemGoOneByOne) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Other other(bench);
    const LaneAsk ask = limited(600, 10);
    co_await bench.queue.ask_lane(ask, bench.cancel);
    LaneAsk refused = limited(600, 10);
    refused.refused = 3;
    refused.wait = Millis(30'000);
    const LaneReply told = co_await bench.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(told.refusals, 1);
    const LaneReply waiting = co_await other.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(waiting.requests, 0);
    EXPECT_EQ(waiting.refusals, 1);
    EXPECT_THAT(waiting.wait, AllOf(Gt(Millis(20'000)), Le(Millis(30'000))));
    EXPECT_THAT(waiting.all.requests, AllOf(Ge(600 * 0.96 * 0.9 - 1), Lt(540)));
    pass(bench, 30'010);
    const LaneReply after = co_await other.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(after.wait, Millis(0));
    EXPECT_THAT(after.requests, Lt(9));
  });
}

TEST(LaneScript, TakesAVolleyOfRefusalsForOne) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Other other(bench);
    LaneAsk refused = limited(600, 1);
    refused.refused = 1;
    co_await bench.queue.ask_lane(refused, bench.cancel);
    const LaneReply second = co_await other.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(second.refusals, 1);
    pass(bench, 3000);
    const LaneReply third = co_await other.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(third.refusals, 2);
  });
}

TEST(LaneScript, MakesAllWaitLongerAndLongerWhereNobodySaysHowLong) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    LaneAsk refused = limited(600, 1);
    refused.answered = 5;
    refused.refused = 1;
    const LaneReply first = co_await bench.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(first.wait, Millis(500));
    refused.answered = 0;
    pass(bench, 3000);
    const LaneReply second = co_await bench.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(second.wait, Millis(1000));
    for (int i = 0; i < 9; ++i) {
      pass(bench, 30'000);
      co_await bench.queue.ask_lane(refused, bench.cancel);
    }
    pass(bench, 30'000);
    const LaneReply last = co_await bench.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(last.wait, Millis(16'000));
    refused.answered = 1;
    pass(bench, 30'000);
    const LaneReply again = co_await bench.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(again.wait, Millis(500));
  });
}

TEST(LaneScript, FindsTheRateByRefusalsWhereNobodyTellsIt) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const LaneAsk ask = wanting(1);
    co_await bench.queue.ask_lane(ask, bench.cancel);
    pass(bench, 10'000);
    // A hundred in ten seconds, and more in fifty: that makes a hundred a minute.
    LaneAsk refused = wanting(1);
    refused.answered = 100;
    refused.refused = 1;
    refused.wait = Millis(50'000);
    const LaneReply found = co_await bench.queue.ask_lane(refused, bench.cancel);
    EXPECT_THAT(found.all.requests, AllOf(Gt(70), Le(90.001)));
    // It grows until it is refused again, and is given up after a long time.
    pass(bench, 60'000);
    const LaneReply later = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_THAT(later.all.requests, Gt(found.all.requests * 1.2));
    pass(bench, 600'000);
    const LaneReply in_the_end = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_FALSE(in_the_end.all.any());
  });
}

TEST(LaneScript, DoesNotFallFarForRefusalsThatHaveOtherReasons) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    LaneAsk refused = limited(600, 1);
    refused.refused = 1;
    LaneReply reply;
    for (int i = 0; i < 30; ++i) {
      reply = co_await bench.queue.ask_lane(refused, bench.cancel);
      pass(bench, 3000);
    }
    EXPECT_THAT(reply.all.requests, Ge(600 * 0.96 * 0.5));
  });
}

// As if Redis' clock had been put back by so much: what it has written lies ahead.
void put_clock_back(QueueBench& bench, int ms) { pass(bench, -ms); }

constexpr int kHour = 3'600'000;

TEST(LaneScript, GrantsOnWhenTheClockIsPutBack) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const LaneAsk ask = limited(60'000, 2000);
    co_await bench.queue.ask_lane(ask, bench.cancel);
    put_clock_back(bench, kHour);
    co_await bench.queue.ask_lane(ask, bench.cancel);
    pass(bench, 500);
    const LaneReply reply = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(reply.wait, Millis(0));
    EXPECT_THAT(reply.requests, Ge(480));
  });
}

TEST(LaneScript, MakesNobodyWaitLongerThanWasAskedForWhenTheClockIsPutBack) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    LaneAsk refused = limited(600, 10);
    refused.refused = 1;
    refused.wait = Millis(30'000);
    const LaneReply before = co_await bench.queue.ask_lane(refused, bench.cancel);
    put_clock_back(bench, kHour);
    const LaneAsk ask = limited(600, 10);
    const LaneReply after = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_THAT(after.wait, AllOf(Gt(Millis(20'000)), Le(Millis(30'000))));
    EXPECT_THAT(after.all.requests, Ge(before.all.requests - 1));
    pass(bench, 30'010);
    const LaneReply later = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(later.wait, Millis(0));
    // It fills at once from the end of the wait, and a refusal is heard like any.
    pass(bench, 1000);
    const LaneReply full = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_THAT(full.requests, Ge(5));
    const LaneReply again = co_await bench.queue.ask_lane(refused, bench.cancel);
    EXPECT_EQ(again.refusals, 2);
  });
}

TEST(LaneScript, ForgetsWhoAskedBeforeTheClockWasPutBack) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    bench.server.ask({"HSET", kKey, "of:gone", "1000 0 " + from_now(bench.server, 3600)});
    const LaneAsk ask = limited(600, 1);
    const LaneReply alone = co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(alone.processes, 1);
    EXPECT_EQ(bench.server.ask({"HEXISTS", kKey, "of:gone"}), "0");
  });
}

TEST(LaneScript, ForgetsProcessesThatAskNoMore) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Other other(bench);
    const LaneAsk ask = limited(600, 1);
    co_await bench.queue.ask_lane(ask, bench.cancel);
    const LaneReply both = co_await other.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(both.processes, 2);
    const std::string long_ago = from_now(bench.server, -11);
    bench.server.ask({"HSET", kKey, "of:w", "1 0 " + long_ago});
    const LaneReply alone = co_await other.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(alone.processes, 1);
    EXPECT_EQ(bench.server.ask({"HEXISTS", kKey, "of:w"}), "0");
  });
}

TEST(LaneScript, LeavesNothingBehindForLong) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const LaneAsk ask = limited(600, 1);
    co_await bench.queue.ask_lane(ask, bench.cancel);
    EXPECT_EQ(lifetime(bench.server, kKey), " for an hour");
    EXPECT_EQ(bench.server.ask({"KEYS", "*"}), kKey);
  });
}

}  // namespace
}  // namespace ryumem::test
