#include "supervisor/queue_watch.h"

#include <gtest/gtest.h>

#include "tests/supervisor/settings_for.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::RedisServer;
using test::run_on_loop;

constexpr Millis kPatience{15'000};

Task<> follows_the_queue(RedisServer& redis) {
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "a", "b", "c"});
  redis.ask({"LPUSH", "ryumem:extraction_processing", "d"});
  redis.ask({"ZADD", "ryumem:delayed", "9", "f"});
  redis.ask({"ZADD", "ryumem:parked", "9", "p"});
  redis.ask({"ZADD", "ryumem:dead", "1", "g", "2", "h"});
  redis.ask({"ZADD", "ryumem:untold", "1", "g"});
  QueueWatch watch(test::settings_for(redis.url()));
  EXPECT_FALSE(watch.depths().has_value());
  EXPECT_FALSE(watch.trouble().empty());
  const std::function<bool()> measured = [&] { return watch.depths().has_value(); };
  co_await eventually("the queue is measured", kPatience, measured);
  EXPECT_EQ(watch.depths()->pending, 3);
  EXPECT_EQ(watch.depths()->processing, 1);
  EXPECT_EQ(watch.depths()->delayed, 1);
  EXPECT_EQ(watch.depths()->parked, 1);
  const std::function<bool()> booked = [&] { return watch.spent().has_value(); };
  co_await eventually("the day's book is read", kPatience, booked);
  EXPECT_EQ(watch.spent()->all.calls, 0);
  EXPECT_EQ(watch.depths()->dead, 2);
  EXPECT_EQ(watch.depths()->untold, 1);
  EXPECT_EQ(watch.trouble(), "");
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "e"});
  const std::function<bool()> again = [&] { return watch.depths()->pending == 4; };
  co_await eventually("the queue is measured again", kPatience, again);
  co_await watch.stop();
}

TEST(QueueWatch, FollowsTheQueue) {
  RedisServer redis;
  run_on_loop(follows_the_queue(redis));
}

Task<> forgets_and_recovers(RedisServer& redis) {
  QueueWatch watch(test::settings_for(redis.url()));
  const std::function<bool()> known = [&] { return watch.depths().has_value(); };
  const std::function<bool()> unknown = [&] { return !watch.depths().has_value(); };
  co_await eventually("the queue is measured", kPatience, known);
  redis.kill();
  co_await eventually("the figures are forgotten", kPatience, unknown);
  EXPECT_FALSE(watch.redis_connected());
  redis.restart();
  co_await eventually("the queue is measured again", kPatience, known);
  EXPECT_TRUE(watch.redis_connected());
  redis.freeze();
  co_await eventually("figures that nobody confirms are forgotten", kPatience, unknown);
  redis.resume();
  co_await eventually("the queue is measured again", kPatience, known);
  co_await watch.stop();
}

TEST(QueueWatch, ForgetsItsFiguresWhileRedisIsAwayAndComesBack) {
  RedisServer redis;
  run_on_loop(forgets_and_recovers(redis), Seconds(55));
}

Task<> does_without_the_fleet(RedisServer& redis) {
  redis.ask({"SET", "ryumem:fleet", "not a hash"});
  QueueWatch watch(test::settings_for(redis.url()));
  watch.introduce("a", [] {
    Member own;
    own.name = "a";
    return own;
  });
  const std::function<bool()> measured = [&] { return watch.depths() && watch.spent(); };
  co_await eventually("the queue is measured", kPatience, measured);
  EXPECT_TRUE(watch.fleet().empty());
  redis.ask({"DEL", "ryumem:fleet"});
  const std::function<bool()> heard = [&] { return watch.fleet().size() == 1; };
  co_await eventually("the fleet is seen", kPatience, heard);
  co_await watch.stop();
  EXPECT_EQ(redis.ask({"EXISTS", "ryumem:fleet"}), "0") << "it took its leave";
}

TEST(QueueWatch, LooksAtTheQueueAlsoWhenTheFleetCannotBeToldAnything) {
  RedisServer redis;
  run_on_loop(does_without_the_fleet(redis));
}

Task<> says_what_is_wrong(RedisServer& redis) {
  redis.ask({"SET", "ryumem:extraction_jobs", "not a list"});
  QueueWatch watch(test::settings_for(redis.url()));
  const std::function<bool()> wrong = [&] {
    return watch.redis_connected() && !watch.trouble().empty();
  };
  co_await eventually("the trouble is known", kPatience, wrong);
  EXPECT_FALSE(watch.depths().has_value());
  redis.ask({"DEL", "ryumem:extraction_jobs"});
  const std::function<bool()> known = [&] { return watch.depths().has_value(); };
  co_await eventually("the queue is measured", kPatience, known);
  EXPECT_EQ(watch.trouble(), "");
  co_await watch.stop();
}

TEST(QueueWatch, SaysWhatIsWrongWithTheQueueAndGoesOn) {
  RedisServer redis;
  run_on_loop(says_what_is_wrong(redis));
}

Task<> stops_at_once() {
  QueueWatch watch(test::settings_for("redis://127.0.0.1:1"));
  co_await watch.stop();
}

TEST(QueueWatch, StopsWhileRedisIsAway) { run_on_loop(stops_at_once()); }

}  // namespace
}  // namespace ryumem
