#include "supervisor/caretaker.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "common/async/timer.h"
#include "common/ops/redis_of.h"

namespace ryumem {
namespace {

constexpr Millis kPatience{3'000};  // for one reply
constexpr Millis kPromoteEvery{500};
constexpr Millis kExpireEvery{2'000};
constexpr Millis kStrangersEvery{5'000};
constexpr Millis kUnparkEvery{5'000};
constexpr Millis kForLastReclaims{3'000};

}  // namespace

Caretaker::Caretaker(const Settings& settings)
    : lease_(settings.lease),
      job_timeout_(settings.job_timeout),
      caps_(caps_of(settings)),
      redis_(redis_of(settings), kPatience),
      queue_(redis_, Keys(settings.queue_prefix), "caretaker-" + std::to_string(getpid()), lease_) {
  chores_.spawn(every(kPromoteEvery, &Caretaker::promote));
  chores_.spawn(every(std::min(kExpireEvery, lease_ / 4), &Caretaker::expire));
  chores_.spawn(
      every(std::min(kStrangersEvery, job_timeout_ / 4), &Caretaker::take_back_strangers));
  chores_.spawn(every(kUnparkEvery, &Caretaker::unpark));
  chores_.spawn(every(settings.keep_alive_every, &Caretaker::keep_alive));
}

Task<> Caretaker::every(Millis period, Chore chore) {
  while (!stopping_.requested()) {
    try {
      Task<> once = (this->*chore)();
      co_await std::move(once);
    } catch (const Failure& failure) {
      // Redis is away, or refuses; the connection has said so, and next time is soon.
      spdlog::debug("caretaker: {}", failure.what());
    }
    try {
      co_await Sleep(period, stopping_);
    } catch (const Failure&) {
      co_return;
    }
  }
}

void Caretaker::adopt(const Settings& settings) {
  job_timeout_ = settings.job_timeout;
  caps_ = caps_of(settings);
}

void Caretaker::worker_ended(std::string owner, bool crashed) {
  reclaims_.spawn(take_back_from(std::move(owner), crashed));
}

Task<> Caretaker::take_back_from(std::string owner, bool crashed) {
  try {
    const TakenBack taken = co_await queue_.reclaim(owner + ":", crashed, last_);
    count(taken, TakenBackFrom::dead_worker);
    if (taken.requeued + taken.buried > 0)
      spdlog::warn("took {} jobs back from {}, buried {} as poison; {} paid calls in doubt",
                   taken.requeued, owner, taken.buried, taken.in_doubt);
  } catch (const Failure& failure) {
    spdlog::warn("the jobs of {} are left until their leases run out: {}", owner, failure.what());
  }
}

Task<> Caretaker::expire() {
  // Whoever lived through an outage of Redis must get to renew before anything is called expired.
  // Not even a script may wait for the connection here: it would be the first one on the new one.
  if (!redis_.connected()) co_return;
  if (redis_.connections() != connection_) {
    connection_ = redis_.connections();
    no_expiry_before_ = Monotonic::now() + lease_;
  }
  if (Monotonic::now() < no_expiry_before_) co_return;
  const TakenBack taken = co_await queue_.expire(stopping_);
  count(taken, TakenBackFrom::expired_lease);
  if (taken.requeued + taken.buried > 0)
    spdlog::warn("took {} jobs back whose leases ran out, buried {} as poison", taken.requeued,
                 taken.buried);
}

Task<> Caretaker::take_back_strangers() {
  const std::int64_t count = co_await queue_.take_back_strangers(job_timeout_, stopping_);
  figures_.taken_back[static_cast<std::size_t>(TakenBackFrom::peer)] += count;
  if (count > 0)
    spdlog::warn("took {} jobs back that a worker without leases had for over {} s", count,
                 std::chrono::duration_cast<Seconds>(job_timeout_).count());
}

Task<> Caretaker::promote() {
  const std::int64_t count = co_await queue_.promote(stopping_);
  figures_.promoted += count;
}

Task<> Caretaker::unpark() {
  const std::int64_t count = co_await queue_.unpark(caps_, stopping_);
  figures_.unparked += count;
  if (count > 0) spdlog::info("{} parked jobs may go on", count);
}

Task<> Caretaker::keep_alive() { co_await queue_.keep_alive(stopping_); }

void Caretaker::count(const TakenBack& taken, TakenBackFrom whom) {
  figures_.taken_back[static_cast<std::size_t>(whom)] += taken.requeued;
  figures_.poisoned += taken.buried;
  figures_.calls_in_doubt += taken.in_doubt;
}

Task<> Caretaker::stop() {
  stopping_.request(Failure(Kind::stopping, "the supervisor is stopping"));
  const Deadline limit(last_, kForLastReclaims,
                       Failure(Kind::stopping, "the supervisor has to end"));
  co_await reclaims_.join();
  co_await chores_.join();
  co_await redis_.close();
}

}  // namespace ryumem
