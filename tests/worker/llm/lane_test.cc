// Lanes of several processes, as far as Redis can tell: each with a connection and a name of its
// own.
#include "worker/llm/lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "common/async/scope.h"
#include "tests/common/queue/failure_of.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::failure_of;
using test::RedisServer;
using test::run_on_loop;
using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;

struct Member {
  Redis redis;
  Queue queue;
  Scoreboard board = Scoreboard::create(1);
  Lane lane;

  Member(RedisServer& server, int number, PerMinute limit, std::size_t most)
      : redis(RedisUrl::parse(server.url()), Seconds(8)),
        queue(redis, Keys(), "w" + std::to_string(number), Seconds(20)),
        lane("x", limit, most, board.slot(0).chat_waits) {}
};

struct Fleet {
  RedisServer& server;
  std::vector<std::unique_ptr<Member>> members;
  Cancel ended;
  Cancel cancel;
  Scope background;
  Scope calls;
  std::vector<int> passed;  // calls, of each member

  Fleet(RedisServer& the_server, int count, PerMinute limit, std::size_t most)
      : server(the_server), passed(static_cast<std::size_t>(count)) {
    for (int i = 0; i < count; ++i) {
      members.push_back(std::make_unique<Member>(server, i, limit, most));
      background.spawn(members.back()->lane.keep(members.back()->queue, ended));
    }
  }
  Lane& lane(std::size_t at) { return members[at]->lane; }

  /// Calls of one member, one after the other, until the cancellation.
  Task<> call_on_and_on(std::size_t at) {
    try {
      for (;;) {
        Passage passage = co_await lane(at).enter(100, cancel);
        ++passed[at];
        passage.answered(30, RateFacts());
      }
    } catch (const Failure&) {
      // The end of the test.
    }
  }
  int sum() const {
    int all = 0;
    for (const int some : passed) all += some;
    return all;
  }
};

using FleetTest = Task<> (*)(Fleet&);

Task<> run_fleet(RedisServer* server, int count, PerMinute limit, std::size_t most,
                 FleetTest body) {
  Fleet fleet(*server, count, limit, most);
  std::exception_ptr problem;
  try {
    co_await body(fleet);
  } catch (...) {
    problem = std::current_exception();
  }
  fleet.cancel.request(Failure(Kind::stopping, "the test has ended"));
  co_await fleet.calls.join();
  fleet.ended.request(Failure(Kind::stopping, "the test has ended"));
  for (const auto& member : fleet.members) co_await member->redis.close();
  co_await fleet.background.join();
  if (problem) std::rethrow_exception(problem);
}

void with_fleet(int count, PerMinute limit, FleetTest body, std::size_t most = 64) {
  RedisServer server;
  run_on_loop(run_fleet(&server, count, limit, most, body), Seconds(50));
}

Task<> pass_one(Lane* lane, int number, std::vector<int>* passed, Cancel* cancel) {
  Passage passage = co_await lane->enter(10, *cancel);
  passed->push_back(number);
}

TEST(Lane, LetsCallsPassInTheOrderInWhichTheyCame) {
  with_fleet(
      1, PerMinute(),
      [](Fleet& fleet) -> Task<> {
        std::vector<int> passed;
        {
          Passage first = co_await fleet.lane(0).enter(10, fleet.cancel);
          for (int i = 0; i < 5; ++i)
            fleet.calls.spawn(pass_one(&fleet.lane(0), i, &passed, &fleet.cancel));
          const std::function<bool()> waiting = [&] { return fleet.lane(0).waiting() == 5; };
          co_await eventually("five calls wait", Seconds(20), waiting);
        }
        co_await fleet.calls.join();
        EXPECT_THAT(passed, ElementsAre(0, 1, 2, 3, 4));
      },
      1);
}

TEST(Lane, ForgetsACallThatIsCancelledWhileItWaits) {
  with_fleet(
      1, PerMinute(),
      [](Fleet& fleet) -> Task<> {
        std::vector<int> passed;
        Cancel its;
        {
          Passage first = co_await fleet.lane(0).enter(10, fleet.cancel);
          Task<> given_up = pass_one(&fleet.lane(0), 0, &passed, &its);
          Scope scope;
          scope.spawn(std::move(given_up));
          fleet.calls.spawn(pass_one(&fleet.lane(0), 1, &passed, &fleet.cancel));
          const std::function<bool()> waiting = [&] { return fleet.lane(0).waiting() == 2; };
          co_await eventually("two calls wait", Seconds(20), waiting);
          its.request(Failure(Kind::lease_lost, "it is another's"));
          const Failure failure = co_await failure_of(scope.join());
          EXPECT_EQ(failure.kind(), Kind::lease_lost);
          EXPECT_EQ(fleet.lane(0).waiting(), 1u);
        }
        co_await fleet.calls.join();
        EXPECT_THAT(passed, ElementsAre(1));
      },
      1);
}

// Nineteen calls a second for all.
constexpr double kLimit = 1200;
constexpr double kPerSecond = kLimit * 0.96 / 60;

TEST(Lane, SharesALimitWithOtherProcesses) {
  with_fleet(3, PerMinute(kLimit, 0), [](Fleet& fleet) -> Task<> {
    const Monotonic::time_point began = Monotonic::now();
    for (std::size_t i = 0; i < 3; ++i)
      for (int n = 0; n < 20; ++n) fleet.calls.spawn(fleet.call_on_and_on(i));
    const std::function<bool()> enough = [&] { return fleet.sum() >= 90; };
    co_await eventually("ninety calls have passed", Seconds(40), enough);
    const double seconds = seconds_between(began, Monotonic::now());
    // What was saved up, and what came since.
    EXPECT_LE(fleet.sum(), kPerSecond * (seconds + 1) + 1) << seconds << " s";
    EXPECT_THAT(fleet.passed, Each(Gt(5)));
  });
}

TEST(Lane, HoldsItsLastShareWhileRedisIsGone) {
  with_fleet(2, PerMinute(kLimit, 0), [](Fleet& fleet) -> Task<> {
    for (std::size_t i = 0; i < 2; ++i)
      for (int n = 0; n < 20; ++n) fleet.calls.spawn(fleet.call_on_and_on(i));
    const std::function<bool()> both = [&] { return fleet.passed[0] > 5 && fleet.passed[1] > 5; };
    co_await eventually("both have passed", Seconds(30), both);
    fleet.server.kill();
    const Monotonic::time_point began = Monotonic::now();
    const std::vector<int> before = fleet.passed;
    const std::function<bool()> more = [&] {
      return fleet.passed[0] > before[0] + 20 && fleet.passed[1] > before[1] + 20;
    };
    co_await eventually("both go on without Redis", Seconds(40), more);
    const double seconds = seconds_between(began, Monotonic::now());
    // Each its half; what it was granted before, and what it may save up.
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_LE(fleet.passed[i] - before[i], kPerSecond / 2 * (seconds + 1) + kPerSecond + 1)
          << seconds << " s";
    // And together again when it is back.
    fleet.server.restart();
    const int in_between = fleet.sum();
    const std::function<bool()> again = [&] {
      return fleet.sum() > in_between + 20 && fleet.server.ask({"KEYS", "*"}) == "ryumem:lane:x";
    };
    co_await eventually("they ask Redis again", Seconds(40), again);
  });
}

TEST(Lane, ObeysAHintThatAnotherProcessGot) {
  with_fleet(3, PerMinute(), [](Fleet& fleet) -> Task<> {
    Monotonic::time_point refused_at;
    constexpr Millis kHint{1500};
    {
      Passage passage = co_await fleet.lane(0).enter(10, fleet.cancel);
      refused_at = Monotonic::now();
      const Failure busy = Failure(Kind::transient, "busy").with_retry_after(kHint);
      passage.refused(busy, 429, RateFacts());
    }
    const std::function<bool()> told = [&] {
      return fleet.server.ask({"HGET", "ryumem:lane:x", "refusals"}) == "1";
    };
    co_await eventually("Redis knows", Seconds(20), told);
    for (std::size_t i = 0; i < 3; ++i) fleet.calls.spawn(fleet.call_on_and_on(i));
    const std::function<bool()> some = [&] { return fleet.sum() > 0; };
    co_await eventually("a call has passed", Seconds(20), some);
    EXPECT_GE(Monotonic::now() - refused_at, kHint);
  });
}

TEST(Lane, TurnsCallsAwayThatWouldWaitTooLong) {
  with_fleet(
      2, PerMinute(),
      [](Fleet& fleet) -> Task<> {
        std::vector<int> passed;
        Scope waiting;
        {
          Passage passage = co_await fleet.lane(0).enter(10, fleet.cancel);
          waiting.spawn(pass_one(&fleet.lane(0), 0, &passed, &fleet.cancel));
          const std::function<bool()> one = [&] { return fleet.lane(0).waiting() == 1; };
          co_await eventually("a call waits", Seconds(20), one);
          const Failure busy = Failure(Kind::transient, "busy").with_retry_after(Seconds(600));
          passage.refused(busy, 429, RateFacts());
        }
        const Failure failure = co_await failure_of(waiting.join());
        EXPECT_EQ(failure.kind(), Kind::transient);
        EXPECT_THAT(failure.what(), HasSubstr("not to be asked"));
        EXPECT_GT(failure.retry_after().value_or(Millis(0)), Seconds(500));
        EXPECT_EQ(fleet.lane(0).enough_jobs(), 0u);
        const std::function<bool()> told = [&] {
          return fleet.server.ask({"HGET", "ryumem:lane:x", "refusals"}) == "1";
        };
        co_await eventually("Redis knows", Seconds(20), told);
        const Failure others =
            co_await failure_of(pass_one(&fleet.lane(1), 1, &passed, &fleet.cancel));
        EXPECT_GT(others.retry_after().value_or(Millis(0)), Seconds(500));
      },
      1);
}

TEST(Lane, LearnsALimitFromAReplyForAll) {
  with_fleet(2, PerMinute(), [](Fleet& fleet) -> Task<> {
    EXPECT_EQ(fleet.lane(0).enough_jobs(), std::nullopt);
    {
      Passage passage = co_await fleet.lane(0).enter(10, fleet.cancel);
      RateFacts facts;
      facts.requests.limit = 600;
      facts.tokens.limit = 60'000;
      facts.tokens.reset = Millis(3'600'000);  // no limit of a minute
      passage.answered(100, facts);
    }
    Passage other = co_await fleet.lane(1).enter(10, fleet.cancel);
    const std::function<bool()> learnt = [&] { return fleet.lane(1).part().requests > 200; };
    co_await eventually("the other knows", Seconds(20), learnt);
    EXPECT_EQ(fleet.lane(1).part().tokens, 0);
    EXPECT_GE(fleet.lane(1).enough_jobs().value_or(0), 144u);
  });
}

TEST(Lane, CountsHowLongCallsWait) {
  with_fleet(1, PerMinute(), [](Fleet& fleet) -> Task<> {
    { Passage passage = co_await fleet.lane(0).enter(10, fleet.cancel); }
    std::uint64_t waits = 0;
    for (const Count& bucket : fleet.members[0]->board.slot(0).chat_waits.buckets)
      waits += bucket.load();
    EXPECT_EQ(waits, 1u);
  });
}

}  // namespace
}  // namespace ryumem
