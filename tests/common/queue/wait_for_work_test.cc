#include <list>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "tests/common/queue/queue_bench.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::QueueBench;
using test::RedisServer;
using test::with_queue;

struct Woken {
  std::size_t count = 0;
  Monotonic::time_point last;
  Woken() = default;
};

Task<> wait_into(RedisUrl url, Woken* woken, Cancel* cancel) {
  Redis connection(std::move(url), test::kPatientLimit);
  std::exception_ptr problem;
  try {
    co_await wait_for_work(connection, Keys(), *cancel);
    ++woken->count;
    woken->last = Monotonic::now();
  } catch (...) {
    problem = std::current_exception();
  }
  co_await connection.close();
  if (problem) std::rethrow_exception(problem);
}

std::string blocked(RedisServer& server) {
  const std::string info = server.ask({"INFO", "clients"});
  const std::size_t at = info.find("blocked_clients:") + 16;
  return info.substr(at, info.find('\r', at) - at);
}

// Blocks four waiters, pushes one id, and gives how long it took until all of them were awake.
Task<Millis> wake_four(QueueBench& bench) {
  const RedisUrl url = RedisUrl::parse(bench.server.url());
  Woken woken;
  Scope scope;
  for (int i = 0; i < 4; ++i) scope.spawn(wait_into(url, &woken, &bench.cancel));
  const std::function<bool()> all_blocked = [&] { return blocked(bench.server) == "4"; };
  co_await test::eventually("four waiters block", Seconds(10), all_blocked);
  EXPECT_EQ(woken.count, 0u);
  bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "a"});
  const Monotonic::time_point pushed = Monotonic::now();
  co_await scope.join();
  EXPECT_EQ(woken.count, 4u);
  co_return std::chrono::duration_cast<Millis>(woken.last - pushed);
}

TEST(WaitForWork, WakesAllWaitersWithinMillisecondsOfAPushAndTakesNothing) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    // The best of a few, since a machine may be busy; a poll would miss it every time.
    Millis best = Seconds(60);
    for (int round = 0; round < 5 && best > Millis(20); ++round) {
      bench.server.ask({"DEL", "ryumem:extraction_jobs"});
      const Millis took = co_await wake_four(bench);
      best = std::min(best, took);
      EXPECT_THAT(bench.state(), testing::ElementsAre("ryumem:extraction_jobs list [a]"));
    }
    EXPECT_LE(best.count(), 20);
  });
}

TEST(WaitForWork, ReturnsAtOnceWhenThereIsWorkAndLeavesItsOrder) {
  RedisServer server;
  for (const char* id : {"a", "b", "c"}) server.ask({"LPUSH", "ryumem:extraction_jobs", id});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Monotonic::time_point began = Monotonic::now();
    for (int i = 0; i < 3; ++i) co_await wait_for_work(bench.redis, Keys(), bench.cancel);
    EXPECT_LT(seconds_between(began, Monotonic::now()), 4);
    EXPECT_THAT(bench.state(), testing::ElementsAre("ryumem:extraction_jobs list [c,b,a]"));
  });
}

TEST(WaitForWork, GivesUpByItselfAfterAFewSeconds) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Monotonic::time_point began = Monotonic::now();
    co_await wait_for_work(bench.redis, Keys(), bench.cancel);
    EXPECT_GT(seconds_between(began, Monotonic::now()), 2);
    EXPECT_THAT(bench.state(), testing::IsEmpty());
  });
}

TEST(WaitForWork, EndsWithItsCancellation) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Cancel cancel;
    const Deadline deadline(cancel, Millis(50), Failure(Kind::stopping, "enough"));
    const Monotonic::time_point began = Monotonic::now();
    const Failure failure = co_await test::failure_of(wait_for_work(bench.redis, Keys(), cancel));
    EXPECT_EQ(failure.kind(), Kind::stopping);
    EXPECT_LT(seconds_between(began, Monotonic::now()), 4);
  });
}

TEST(WaitForWork, SaysWhatIsWrongWithAListThatIsNone) {
  RedisServer server;
  server.ask({"SET", "ryumem:extraction_jobs", "a string"});
  with_queue(server, [](QueueBench& bench) -> Task<> {
    const Failure failure =
        co_await test::failure_of(wait_for_work(bench.redis, Keys(), bench.cancel));
    EXPECT_EQ(failure.kind(), Kind::outage);
    EXPECT_THAT(failure.what(), testing::HasSubstr("WRONGTYPE"));
  });
}

}  // namespace
}  // namespace ryumem
