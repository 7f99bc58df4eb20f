// Circuits of several processes that share them by a real Redis, each with a connection of its own.
#include "worker/fleet_circuits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "common/ops/redis_of.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::RedisServer;
using test::run_on_loop;

constexpr Millis kPatience{15'000};
const Failure kRefused(Kind::outage, "status 401: no such key");

Settings settings_of(const RedisServer& redis) {
  return read_settings({}, {{"REDIS_URL", redis.url()},
                            {"LLM_PROVIDER", "openai"},
                            {"OPENAI_API_KEY", "sk-1"},
                            {"EMBEDDING_PROVIDER", "openai"},
                            {"EMBEDDING_DIMENSIONS", "4"},
                            {"SERVER_URL", "http://server:8000"}});
}

// What a worker has of it.
class Process {
 public:
  Process(const Settings& settings, const std::string& name)
      : redis_(redis_of(settings), Millis(5000)),
        queue_(redis_, Keys(), name, Millis(20'000)),
        shared_(settings, circuits, quiet, name) {
    background_.spawn(shared_.keep(queue_, stop_));
  }
  Task<> end() {
    stop_.request(Failure(Kind::stopping, "the test is over"));
    co_await background_.join();
    co_await redis_.close();
  }

  Slot slot{};
  Circuits circuits{slot};
  Quiet quiet;

 private:
  Redis redis_;
  Queue queue_;
  FleetCircuits shared_;
  Cancel stop_;
  Scope background_;
};

bool is_out(const Process& process) { return !process.circuits.chat.closed(); }
bool may_try(const Process& process) {
  return !process.circuits.chat.closed() && process.circuits.claimable(0, 64) == 1;
}

Task<> opens_for_all(const RedisServer& redis) {
  const Settings settings = settings_of(redis);
  Process a(settings, "a");
  Process b(settings, "b");
  a.circuits.chat.failed(kRefused);
  const std::function<bool()> heard = [&] { return !b.circuits.chat.closed(); };
  co_await eventually("the other one has heard", kPatience, heard);
  EXPECT_EQ(b.slot.of(Dependency::chat_model).reason_text(), kRefused.what());
  EXPECT_EQ(b.slot.of(Dependency::chat_model).opened.load(), 0u);
  EXPECT_TRUE(b.circuits.server.closed());
  co_await a.end();
  co_await b.end();
}

TEST(FleetCircuits, AreOpenForAllWhenOneIsRefused) {
  RedisServer redis;
  run_on_loop(opens_for_all(redis), Seconds(30));
}

Task<> one_tries(const RedisServer& redis) {
  const Settings settings = settings_of(redis);
  Process a(settings, "a");
  Process b(settings, "b");
  Process c(settings, "c");
  a.circuits.chat.failed(kRefused);
  const std::array<Process*, 3> all = {&a, &b, &c};
  const auto how_many = [&all](bool (*what)(const Process&)) {
    return std::count_if(all.begin(), all.end(), [&](Process* each) { return what(*each); });
  };
  const std::function<bool()> all_out = [&] { return how_many(is_out) == 3; };
  co_await eventually("all have heard", kPatience, all_out);
  const std::function<bool()> somebody = [&] { return how_many(may_try) > 0; };
  co_await eventually("one is to try", kPatience, somebody);
  Process& canary = may_try(a) ? a : may_try(b) ? b : c;
  Process& other = &canary == &a ? b : a;
  for (int word = 0; word < 2; ++word) {
    // Each time that it hears that it is not to try.
    const auto before = other.circuits.chat.probe_at();
    const std::function<bool()> heard = [&] { return other.circuits.chat.probe_at() != before; };
    co_await eventually("another one has heard again", kPatience, heard);
    EXPECT_EQ(how_many(may_try), 1);
  }
  canary.circuits.chat.admit();
  canary.circuits.chat.succeeded();
  const std::function<bool()> closed = [&] {
    return a.circuits.chat.closed() && b.circuits.chat.closed() && c.circuits.chat.closed();
  };
  co_await eventually("it is closed for all", kPatience, closed);
  // No stampede: each begins with two.
  EXPECT_EQ(a.circuits.claimable(0, 64), 2u);
  EXPECT_EQ(b.circuits.claimable(0, 64), 2u);
  for (Process* each : {&a, &b, &c}) co_await each->end();
}

TEST(FleetCircuits, LetOneProcessTryAndCloseForAllWhenItGetsThrough) {
  RedisServer redis;
  run_on_loop(one_tries(redis), Seconds(50));
}

Task<> quiet_ones_do_not_try(const RedisServer& redis) {
  const Settings settings = settings_of(redis);
  Process a(settings, "a");
  Process b(settings, "b");
  a.quiet.set(true);
  a.circuits.chat.failed(kRefused);
  const std::function<bool()> other = [&] { return may_try(b); };
  co_await eventually("the other one is to try", kPatience, other);
  EXPECT_FALSE(may_try(a));
  b.quiet.set(true);
  a.quiet.set(false);
  const std::function<bool()> back = [&] { return may_try(a); };
  co_await eventually("now the first one is", kPatience, back);
  co_await a.end();
  co_await b.end();
}

TEST(FleetCircuits, AreTriedByNobodyWhoTakesNoJobs) {
  RedisServer redis;
  run_on_loop(quiet_ones_do_not_try(redis), Seconds(50));
}

Task<> stays_local(const RedisServer& redis) {
  const Settings settings = settings_of(redis);
  Settings with_another_key = settings;
  with_another_key.openai_api_key = "sk-2";
  Process a(settings, "a");
  Process b(settings, "b");
  Process c(with_another_key, "c");
  a.circuits.server.failed(Failure(Kind::unreachable, "connection refused"));
  a.circuits.chat.failed(kRefused);
  const std::function<bool()> heard = [&] { return !b.circuits.chat.closed(); };
  co_await eventually("what is refused is heard of", kPatience, heard);
  // What was told was told together.
  EXPECT_TRUE(b.circuits.server.closed());
  const std::function<bool()> tried = [&] { return !a.circuits.server.open(); };
  co_await eventually("the first one tries by itself", kPatience, tried);
  EXPECT_TRUE(c.circuits.chat.closed());
  for (Process* each : {&a, &b, &c}) co_await each->end();
}

TEST(FleetCircuits, AreNotOpenForOthersWhenOneCannotReachOrIsAnother) {
  RedisServer redis;
  run_on_loop(stays_local(redis), Seconds(50));
}

Task<> without_redis(RedisServer& redis) {
  const Settings settings = settings_of(redis);
  Process a(settings, "a");
  Process b(settings, "b");
  redis.kill();
  a.circuits.chat.failed(kRefused);
  const std::function<bool()> due = [&] { return may_try(a); };
  co_await eventually("it goes by its own time", kPatience, due);
  EXPECT_TRUE(b.circuits.chat.closed());
  redis.restart();
  const std::function<bool()> heard = [&] { return !b.circuits.chat.closed(); };
  co_await eventually("the news was kept", kPatience, heard);
  co_await a.end();
  co_await b.end();
}

TEST(FleetCircuits, GoByWhatTheProcessFindsWhileRedisIsAwayAndTellItLater) {
  RedisServer redis;
  run_on_loop(without_redis(redis), Seconds(55));
}

}  // namespace
}  // namespace ryumem
