#include "worker/consumer.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/base/backoff.h"

namespace ryumem {
namespace {

// Jobs of one claim: enough to make the round trip cheap, few enough that workers share a backlog.
constexpr std::size_t kBatch = 32;

constexpr Millis kFirstPause{100};
constexpr Millis kLongestPause{5000};

}  // namespace

Consumer::Consumer(Queue& queue, Redis& waiting, Circuits& circuits, JobRunner& runner,
                   Quiet& quiet, int concurrency)
    : queue_(queue),
      waiting_(waiting),
      circuits_(circuits),
      runner_(runner),
      quiet_(quiet),
      concurrency_(static_cast<std::size_t>(concurrency)) {}

Task<> Consumer::run(Shutdown& shutdown) {
  Backoff backoff(kFirstPause, kLongestPause);
  while (!shutdown.claims.requested()) {
    Millis pause(0);
    try {
      co_await take_some(shutdown);
      backoff.reset();
    } catch (...) {
      const Failure failure = current_failure();
      if (shutdown.claims.requested()) break;
      pause = backoff.next();
      spdlog::warn("no jobs can be taken: {}", failure.what());
    }
    if (pause == Millis(0)) continue;
    try {
      co_await Sleep(pause, shutdown.claims);
    } catch (const Failure&) {
      break;
    }
  }
  co_await jobs_.join();
}

Task<> Consumer::take_some(Shutdown& shutdown) {
  co_await room_for_more(shutdown);
  const std::size_t most = std::min(kBatch, circuits_.claimable(in_hand_, concurrency_));
  const bool canary = circuits_.probing();
  const std::int64_t claimed_at = boottime_ms();
  std::vector<Claim> claims = co_await queue_.claim(static_cast<int>(most), shutdown.claims);
  in_hand_ += claims.size();
  for (Claim& claim : claims) jobs_.spawn(run_one(std::move(claim), claimed_at, canary, &shutdown));
  if (claims.empty()) co_await wait_for_work(waiting_, queue_.keys(), shutdown.claims);
}

// Returns when at least one job may be taken.
Task<> Consumer::room_for_more(Shutdown& shutdown) {
  for (;;) {
    co_await quiet_.over(shutdown.claims);
    const Monotonic::time_point now = Monotonic::now();
    if (circuits_.claimable(in_hand_, concurrency_, now) > 0) co_return;
    co_await circuits_.changed(shutdown.claims, now);
  }
}

Task<> Consumer::run_one(Claim claim, std::int64_t claimed_at, bool canary, Shutdown* shutdown) {
  co_await runner_.run(std::move(claim), claimed_at, canary, shutdown->work, shutdown->last);
  --in_hand_;
  circuits_.job_ended();
}

}  // namespace ryumem
