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

Consumer::Consumer(Queue& queue, Redis& waiting, Keys keys, JobRunner& runner, int concurrency)
    : queue_(queue),
      waiting_(waiting),
      keys_(std::move(keys)),
      runner_(runner),
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
  while (in_hand_ >= concurrency_) co_await job_ended_.wait(shutdown.claims);
  const std::size_t most = std::min(kBatch, concurrency_ - in_hand_);
  std::vector<Claim> claims = co_await queue_.claim(static_cast<int>(most), shutdown.claims);
  for (Claim& claim : claims) {
    ++in_hand_;
    jobs_.spawn(run_one(std::move(claim), &shutdown));
  }
  if (claims.empty()) co_await wait_for_work(waiting_, keys_, shutdown.claims);
}

Task<> Consumer::run_one(Claim claim, Shutdown* shutdown) {
  co_await runner_.run(std::move(claim), shutdown->work, shutdown->last);
  // Not the scope's count: that falls only after those who are woken here have looked.
  --in_hand_;
  job_ended_.notify();
}

}  // namespace ryumem
