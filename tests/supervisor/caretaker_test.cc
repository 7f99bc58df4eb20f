#include "supervisor/caretaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <memory>

#include "common/base/text.h"
#include "tests/common/queue/queue_bench.h"
#include "tests/supervisor/settings_for.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::eventually;
using test::job_line;
using test::produce;
using test::RedisServer;
using test::run_on_loop;
using test::settings_for;
using testing::ElementsAre;

constexpr Millis kPatience{15'000};
constexpr const char* kDay = " for a day";

std::int64_t taken(const Caretaker& caretaker, TakenBackFrom whom) {
  return caretaker.figures().taken_back[static_cast<std::size_t>(whom)];
}

// Job `id` in the hands of `owner`, its lease running out at `until` (ms); a call is under way.
void put_in_hand(RedisServer& redis, const std::string& id, const std::string& owner,
                 const std::string& until) {
  produce(redis, id);
  redis.ask({"LREM", "ryumem:extraction_jobs", "1", id});
  redis.ask({"LPUSH", "ryumem:extraction_processing", id});
  redis.ask({"HSET", "ryumem:owners", id, owner + ":1:1"});
  redis.ask({"ZADD", "ryumem:leases", until, id});
  redis.ask({"HSET", "ryumem:journal:" + id, "asked", "embed_facts"});
}

// A predicate: so many ids are pending.
std::function<bool()> pending(RedisServer& redis, int count) {
  return [&redis, count] {
    return redis.ask({"LLEN", "ryumem:extraction_jobs"}) == std::to_string(count);
  };
}

Task<> takes_back(RedisServer& redis) {
  const std::string later = test::from_now(redis, 20);
  put_in_hand(redis, "a", "host.1.2.0.1", later);
  put_in_hand(redis, "b", "host.1.2.0.11", later);  // another life, its name begins alike
  put_in_hand(redis, "c", "host.1.2.1.1", later);
  Caretaker caretaker(settings_for(redis.url()));
  caretaker.worker_ended("host.1.2.0.1", true);
  co_await eventually("a is back", kPatience, pending(redis, 1));
  EXPECT_EQ(redis.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), "a");
  EXPECT_EQ(redis.ask({"HGETALL", "ryumem:journal:a"}), "crashes\n1");
  caretaker.worker_ended("host.1.2.1.1", false);
  co_await eventually("c is back", kPatience, pending(redis, 2));
  EXPECT_EQ(redis.ask({"HGET", "ryumem:journal:c", "crashes"}), "(nil)");
  EXPECT_EQ(redis.ask({"HGETALL", "ryumem:owners"}), "b\nhost.1.2.0.11:1:1");
  const std::function<bool()> counted = [&] {
    return taken(caretaker, TakenBackFrom::dead_worker) == 2;
  };
  co_await eventually("both are counted", kPatience, counted);
  EXPECT_EQ(caretaker.figures().calls_in_doubt, 1);
  EXPECT_EQ(caretaker.figures().poisoned, 0);
  co_await caretaker.stop();
}

TEST(Caretaker, TakesBackWhatADeadWorkerHeldAtOnce) {
  RedisServer redis;
  run_on_loop(takes_back(redis), Seconds(40));
}

Task<> buries_poison(RedisServer& redis) {
  put_in_hand(redis, "a", "dead", test::from_now(redis, 20));
  redis.ask({"HSET", "ryumem:journal:a", "crashes", "2"});
  Caretaker caretaker(settings_for(redis.url()));
  caretaker.worker_ended("dead", true);
  const std::function<bool()> buried = [&] { return caretaker.figures().poisoned == 1; };
  co_await eventually("it is buried", kPatience, buried);
  EXPECT_EQ(redis.ask({"HMGET", "ryumem:dead:a", "kind", "told"}), "poison\n0");
  EXPECT_EQ(taken(caretaker, TakenBackFrom::dead_worker), 0);
  co_await caretaker.stop();
}

TEST(Caretaker, BuriesAJobWithWhichAThirdWorkerDied) {
  RedisServer redis;
  run_on_loop(buries_poison(redis), Seconds(40));
}

Task<> outlives_redis(RedisServer& redis) {
  Caretaker caretaker(settings_for(redis.url()));
  redis.kill();
  caretaker.worker_ended("dead", true);
  redis.restart();
  put_in_hand(redis, "a", "dead", test::from_now(redis, 60));
  // It may have asked before the job was there; then nobody took it back, and the lease is left.
  caretaker.worker_ended("dead", true);
  co_await eventually("the job is back", kPatience, pending(redis, 1));
  co_await caretaker.stop();
}

TEST(Caretaker, TakesBackAsSoonAsRedisIsThereAgain) {
  RedisServer redis;
  run_on_loop(outlives_redis(redis), Seconds(40));
}

// What ran out before a connection was made is left alone for the length of a lease, so that owners
// who lived through it can renew.
Task<> gives_grace(RedisServer& redis) {
  constexpr Seconds kLease{3};
  put_in_hand(redis, "a", "gone", test::from_now(redis, -100));
  Monotonic::time_point since = Monotonic::now();
  Caretaker caretaker(settings_for(redis.url(), {"--lease=3"}));
  co_await eventually("a is back", kPatience, pending(redis, 1));
  EXPECT_GE(Monotonic::now() - since, kLease);
  EXPECT_LT(Monotonic::now() - since, kLease + Seconds(5));
  EXPECT_EQ(redis.ask({"HGET", "ryumem:journal:a", "crashes"}), "1");
  // Without a new connection there is no grace.
  since = Monotonic::now();
  put_in_hand(redis, "b", "gone", test::from_now(redis, -100));
  co_await eventually("b is back", kPatience, pending(redis, 2));
  EXPECT_LT(Monotonic::now() - since, kLease);
  // An outage longer than the period of expiry, and another connection behind it.
  redis.kill();
  const std::function<bool()> a_while = [from = Monotonic::now()] {
    return Monotonic::now() - from > Seconds(2);
  };
  co_await eventually("Redis is away for a while", kPatience, a_while);
  redis.restart();
  since = Monotonic::now();
  put_in_hand(redis, "c", "gone", test::from_now(redis, -100));
  put_in_hand(redis, "d", "alive", test::from_now(redis, -100));
  redis.ask({"ZADD", "ryumem:leases", test::from_now(redis, 60), "d"});  // renewed
  co_await eventually("c is back", kPatience, pending(redis, 1));
  EXPECT_GE(Monotonic::now() - since, kLease - Millis(500));  // it may connect before it answers us
  EXPECT_EQ(redis.ask({"LRANGE", "ryumem:extraction_processing", "0", "-1"}), "d");
  co_await caretaker.stop();
}

TEST(Caretaker, LetsOwnersRenewFirstAfterEachNewConnection) {
  RedisServer redis;
  run_on_loop(gives_grace(redis), Seconds(50));
}

Task<> promotes(RedisServer& redis) {
  produce(redis, "a");
  redis.ask({"DEL", "ryumem:extraction_jobs"});
  redis.ask({"PERSIST", "ryumem:job:a"});
  redis.ask({"ZADD", "ryumem:delayed", test::from_now(redis, 1), "a", test::from_now(redis, 60),
             "later"});
  Caretaker caretaker(settings_for(redis.url()));
  co_await eventually("a is due", kPatience, pending(redis, 1));
  EXPECT_THAT(test::state_of(redis),
              ElementsAre("ryumem:delayed zset {later in 60 s}", "ryumem:extraction_jobs list [a]",
                          job_line("a", "pending", 0, kDay)));
  const std::function<bool()> counted = [&] { return caretaker.figures().promoted == 1; };
  co_await eventually("it is counted", kPatience, counted);
  co_await caretaker.stop();
}

TEST(Caretaker, SendsDelayedJobsOnWhenTheyAreDue) {
  RedisServer redis;
  run_on_loop(promotes(redis), Seconds(40));
}

// Two parked jobs: a customer has spent 2 USD today, the other 7.
void park_two(RedisServer& redis) {
  const std::string clock = redis.ask({"TIME"});
  const std::time_t now = std::atoll(clock.c_str());
  char day[16];
  std::strftime(day, sizeof(day), "%Y-%m-%d", std::gmtime(&now));
  redis.ask({"HSET", std::string("ryumem:spend:") + day, "all", "2 0 0 9000000000 0", "of:acme",
             "1 0 0 2000000000 0", "of:rich", "1 0 0 7000000000 0"});
  for (const char* id : {"a", "b"}) {
    produce(redis, id);
    redis.ask({"DEL", "ryumem:extraction_jobs"});
    redis.ask({"PERSIST", std::string("ryumem:job:") + id});
    redis.ask({"ZADD", "ryumem:parked", "1", id});
  }
  redis.ask({"HSET", "ryumem:journal:a", "payer", "acme", "parked", "why"});
  redis.ask({"HSET", "ryumem:journal:b", "payer", "rich", "parked", "why"});
}

// A supervisor with a higher cap than the one before lets those go on whose customer is below it.
Task<> unparks(RedisServer& redis) {
  park_two(redis);
  Caretaker caretaker(settings_for(redis.url(), {"--customer-daily-cap-usd=5"}));
  co_await eventually("a may go on", kPatience, pending(redis, 1));
  EXPECT_EQ(redis.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), "a");
  EXPECT_EQ(test::lifetime(redis, "ryumem:job:a"), kDay);
  EXPECT_EQ(redis.ask({"ZRANGE", "ryumem:parked", "0", "-1"}), "b");
  EXPECT_EQ(test::lifetime(redis, "ryumem:job:b"), "");
  const std::function<bool()> counted = [&] { return caretaker.figures().unparked == 1; };
  co_await eventually("it is counted", kPatience, counted);
  co_await caretaker.stop();
}

TEST(Caretaker, SendsParkedJobsOnWhenTheirCapIsNotReachedAnyMore) {
  RedisServer redis;
  run_on_loop(unparks(redis), Seconds(40));
}

// With the caps and the time-out at the start nothing would move.
Task<> adopts(RedisServer& redis) {
  park_two(redis);
  produce(redis, "c");
  redis.ask({"RPOPLPUSH", "ryumem:extraction_jobs", "ryumem:extraction_processing"});
  const std::string mark = test::digest(redis, test::peer_body("c"));
  redis.ask({"HSET", "ryumem:strangers", "c", test::from_now(redis, -60) + " " + mark});
  Caretaker caretaker(settings_for(redis.url(), {"--customer-daily-cap-usd=1"}));
  caretaker.adopt(settings_for(redis.url(), {"--customer-daily-cap-usd=5", "--job-timeout=60"}));
  co_await eventually("a may go on, and c is back", kPatience, pending(redis, 2));
  EXPECT_EQ(redis.ask({"ZRANGE", "ryumem:parked", "0", "-1"}), "b");
  EXPECT_EQ(redis.ask({"LLEN", "ryumem:extraction_processing"}), "0");
  co_await caretaker.stop();
}

TEST(Caretaker, GoesByANewConfigurationFromThenOn) {
  RedisServer redis;
  run_on_loop(adopts(redis), Seconds(40));
}

Task<> keeps_alive(RedisServer& redis) {
  produce(redis, "a");
  redis.ask({"EXPIRE", "ryumem:job:a", "3"});
  Caretaker caretaker(settings_for(redis.url(), {"--keep-alive-every=1"}));
  const std::function<bool()> lives_on = [&] {
    return test::lifetime(redis, "ryumem:job:a") == kDay;
  };
  co_await eventually("its day has begun anew", kPatience, lives_on);
  redis.ask({"EXPIRE", "ryumem:job:a", "3"});
  co_await eventually("and again", kPatience, lives_on);
  co_await caretaker.stop();
}

TEST(Caretaker, KeepsTheBodiesOfWaitingJobs) {
  RedisServer redis;
  run_on_loop(keeps_alive(redis), Seconds(40));
}

// The first sighting is in Redis: a supervisor that comes later counts on from it.
Task<> takes_back_from_peers(RedisServer& redis) {
  produce(redis, "a");
  redis.ask({"RPOPLPUSH", "ryumem:extraction_jobs", "ryumem:extraction_processing"});
  {
    Caretaker first(settings_for(redis.url(), {"--job-timeout=300"}));
    const std::function<bool()> seen = [&] {
      return redis.ask({"HEXISTS", "ryumem:strangers", "a"}) == "1";
    };
    co_await eventually("it is seen", kPatience, seen);
    co_await first.stop();
  }
  EXPECT_EQ(redis.ask({"LLEN", "ryumem:extraction_jobs"}), "0");
  const std::string mark = test::digest(redis, test::peer_body("a"));
  redis.ask({"HSET", "ryumem:strangers", "a", test::from_now(redis, -299) + " " + mark});
  Caretaker second(settings_for(redis.url(), {"--job-timeout=300"}));
  co_await eventually("a is back", kPatience, pending(redis, 1));
  const std::function<bool()> counted = [&] { return taken(second, TakenBackFrom::peer) == 1; };
  co_await eventually("it is counted", kPatience, counted);
  co_await second.stop();
}

TEST(Caretaker, TakesBackFromPeersAcrossItsOwnRestart) {
  RedisServer redis;
  run_on_loop(takes_back_from_peers(redis), Seconds(40));
}

constexpr int kEach = 50;

// Jobs of a dead worker, with expired leases, due, and of a peer's: every one of them, once.
Task<> side_by_side(RedisServer& redis) {
  const std::string mark = test::digest(redis, test::peer_body("x"));
  for (int i = 0; i < kEach; ++i) {
    const std::string n = std::to_string(i);
    put_in_hand(redis, "dead" + n, "dead", test::from_now(redis, 60));
    put_in_hand(redis, "expired" + n, "gone", test::from_now(redis, -100));
    redis.ask({"SET", "ryumem:job:due" + n, "x"});
    redis.ask({"ZADD", "ryumem:delayed", "1", "due" + n});
    redis.ask({"SET", "ryumem:job:peer" + n, test::peer_body("x")});
    redis.ask({"LPUSH", "ryumem:extraction_processing", "peer" + n});
    redis.ask({"HSET", "ryumem:strangers", "peer" + n, test::from_now(redis, -900) + " " + mark});
  }
  std::vector<std::unique_ptr<Caretaker>> caretakers;
  for (int i = 0; i < 4; ++i)
    caretakers.push_back(std::make_unique<Caretaker>(settings_for(redis.url(), {"--lease=1"})));
  for (const auto& caretaker : caretakers) caretaker->worker_ended("dead", true);
  co_await eventually("all are back", kPatience, pending(redis, 4 * kEach));
  std::vector<std::int64_t> counts;
  const std::function<bool()> counted = [&] {
    counts.assign(4, 0);
    for (const auto& caretaker : caretakers) {
      counts[0] += taken(*caretaker, TakenBackFrom::dead_worker);
      counts[1] += taken(*caretaker, TakenBackFrom::expired_lease);
      counts[2] += taken(*caretaker, TakenBackFrom::peer);
      counts[3] += caretaker->figures().promoted;
    }
    return counts[0] + counts[1] + counts[2] + counts[3] >= 4 * kEach;
  };
  co_await eventually("all are counted", kPatience, counted);
  EXPECT_THAT(counts, ElementsAre(kEach, kEach, kEach, kEach));
  std::vector<std::string> ids =
      split(redis.ask({"LRANGE", "ryumem:extraction_jobs", "0", "-1"}), '\n');
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(ids.size(), 4u * kEach);
  EXPECT_EQ(redis.ask({"EXISTS", "ryumem:extraction_processing", "ryumem:owners", "ryumem:leases",
                       "ryumem:delayed", "ryumem:dead"}),
            "0");
  for (const auto& caretaker : caretakers) co_await caretaker->stop();
}

TEST(Caretaker, ManySideBySideDoEverythingOnce) {
  RedisServer redis;
  run_on_loop(side_by_side(redis), Seconds(50));
}

Task<> stops_at_once() {
  Caretaker caretaker(settings_for("redis://127.0.0.1:1"));
  caretaker.worker_ended("dead", true);
  const Monotonic::time_point asked = Monotonic::now();
  co_await caretaker.stop();
  EXPECT_LT(Monotonic::now() - asked, Seconds(10));
}

TEST(Caretaker, StopsWhileRedisIsAway) { run_on_loop(stops_at_once()); }

}  // namespace
}  // namespace ryumem
