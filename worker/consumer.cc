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

// How soon jobs are taken again after an operator has said so.
constexpr Millis kLookAtPauses{1000};
// The same, after the rate at which models may be asked has changed.
constexpr Millis kLookAtLanes{250};

}  // namespace

Consumer::Consumer(Queue& queue, Redis& waiting, Circuits& circuits, JobRunner& runner,
                   Quiet& quiet, int concurrency, std::vector<std::string> pausable_by,
                   const Governor* governor)
    : queue_(queue),
      waiting_(waiting),
      circuits_(circuits),
      runner_(runner),
      quiet_(quiet),
      concurrency_(static_cast<std::size_t>(concurrency)),
      pausable_by_(std::move(pausable_by)),
      governor_(governor),
      pauses_(queue) {
  queue_.claim_for(pausable_by_);
}

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
  const std::size_t most = std::min(kBatch, circuits_.claimable(in_hand_, room()));
  if (most == 0) co_return;
  const bool canary = circuits_.probing();
  const std::int64_t claimed_at = boottime_ms();
  std::vector<Claim> claims = co_await queue_.claim(static_cast<int>(most), shutdown.claims);
  in_hand_ += claims.size();
  for (Claim& claim : claims) jobs_.spawn(run_one(std::move(claim), claimed_at, canary, &shutdown));
  if (!claims.empty()) co_return;
  const bool paused = co_await held_back(shutdown);
  if (!paused) co_await wait_for_work(waiting_, queue_.keys(), shutdown.claims);
}

// The claim gave nothing: because an operator wants it so? Then waits a moment before it is tried
// again; waiting for work would return at once when there is some.
Task<bool> Consumer::held_back(Shutdown& shutdown) {
  const std::vector<Pause> pauses = co_await pauses_.list(shutdown.claims);
  const Pause* pause = holding(pauses, pausable_by_);
  const std::string now = pause != nullptr ? pause->text() : "";
  if (now != held_by_) {
    if (pause != nullptr)
      spdlog::warn("no jobs are taken: {}", now);
    else
      spdlog::info("jobs are taken again");
    held_by_ = now;
  }
  if (pause == nullptr) co_return false;
  circuits_.held_back();
  co_await Sleep(kLookAtPauses, shutdown.claims);
  co_return true;
}

// No more jobs than the models may be asked for: what waits for its turn in our hands could be with
// another worker, and its time runs.
std::size_t Consumer::room() const {
  const auto enough = governor_ != nullptr ? governor_->enough_jobs() : std::nullopt;
  return std::min(concurrency_, enough.value_or(concurrency_));
}

// Returns when at least one job may be taken.
Task<> Consumer::room_for_more(Shutdown& shutdown) {
  for (;;) {
    co_await quiet_.over(shutdown.claims);
    const Monotonic::time_point now = Monotonic::now();
    const std::size_t most = room();
    if (circuits_.claimable(in_hand_, most, now) > 0) co_return;
    if (most == concurrency_)
      co_await circuits_.changed(shutdown.claims, now);
    else
      co_await Sleep(kLookAtLanes, shutdown.claims);
  }
}

Task<> Consumer::run_one(Claim claim, std::int64_t claimed_at, bool canary, Shutdown* shutdown) {
  if (canary) circuits_.canary_began();
  co_await runner_.run(std::move(claim), claimed_at, canary, shutdown->work, shutdown->last);
  if (canary) circuits_.canary_ended();
  --in_hand_;
  circuits_.job_ended();
}

}  // namespace ryumem
