// A claim in hand: that it is still ours, and that it is told when it is not.
#include "worker/pipeline/leases.h"

#include "tests/worker/line.h"

namespace ryumem {
namespace {

using test::Bench;
using test::episode_job;
using test::failure_of;
using test::Line;
using test::with_line;

// So old that nothing is done before Redis has said that the lease is still ours.
std::int64_t long_ago() { return boottime_ms() - 600'000; }

TEST(Leases, AreMadeSureOfByAskingRedis) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    line.put(episode_job("a"));
    const Claim claim = co_await line.hand.claim();
    Cancel job;
    Leases::Hold hold(line.hand.leases, claim, long_ago(), job);
    co_await hold.ensure(job);
    co_await line.expire("a");
    co_await hold.ensure(job);  // it was said a moment ago
    EXPECT_EQ(bench.slot().leases_lost.load(), 0u);
  });
}

// After a standstill that was longer than the lease, say: the work that stood still goes on beside
// the one that this process has claimed anew meanwhile.
TEST(Leases, AreLostByTheEarlierOfTwoClaimsOfOneProcess) {
  with_line([](Bench& bench, Line& line) -> Task<> {
    line.put(episode_job("a"));
    const Claim earlier = co_await line.hand.claim();
    co_await line.expire("a");
    const Claim later = co_await line.hand.claim();
    EXPECT_EQ(earlier.id, later.id);
    Cancel old_job;
    Cancel new_job;
    Leases::Hold stale(line.hand.leases, earlier, long_ago(), old_job);
    Leases::Hold valid(line.hand.leases, later, long_ago(), new_job);
    const Failure failure = co_await failure_of(stale.ensure(old_job));
    EXPECT_EQ(failure.kind(), Kind::lease_lost);
    co_await valid.ensure(new_job);
    EXPECT_FALSE(new_job.requested());
    EXPECT_EQ(bench.slot().leases_lost.load(), 1u);
  });
}

}  // namespace
}  // namespace ryumem
