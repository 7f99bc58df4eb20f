#include "supervisor/queue_watch.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "common/async/timer.h"
#include "common/ops/redis_of.h"

namespace ryumem {
namespace {
constexpr Millis kPeriod{1'000};
constexpr int kSpentEvery = 5;      // periods
constexpr Millis kPatience{3'000};  // for one reply; also how old a figure can get
}  // namespace

QueueWatch::QueueWatch(const Settings& settings)
    : redis_(redis_of(settings), kPatience),
      queue_(redis_, Keys(settings.queue_prefix), "supervisor-" + std::to_string(getpid()),
             settings.lease) {
  background_.spawn(watch());
}

std::optional<Depths> QueueWatch::depths() const {
  return redis_.connected() ? latest_ : std::nullopt;
}

std::optional<SpentToday> QueueWatch::spent() const {
  return redis_.connected() ? spent_ : std::nullopt;
}

std::string QueueWatch::trouble() const {
  if (!redis_.connected()) return redis_.trouble().empty() ? "not connected" : redis_.trouble();
  return trouble_;
}

Task<> QueueWatch::watch() {
  while (!stopping_.requested()) {
    try {
      co_await measure();
      co_await Sleep(kPeriod, stopping_);
    } catch (const Failure&) {
      // Stopping: the loop's condition sees it.
    }
  }
}

// Throws only when it is cancelled.
Task<> QueueWatch::measure() {
  std::string trouble;
  try {
    const Depths depths = co_await queue_.depths(stopping_);
    Pauses pauses(queue_);
    pauses_ = co_await pauses.list(stopping_);
    if (rounds_++ % kSpentEvery == 0) spent_ = co_await queue_.spent_today(stopping_);
    latest_ = depths;
  } catch (const Failure& failure) {
    stopping_.throw_if_requested();
    latest_.reset();
    spent_.reset();
    rounds_ = 0;
    trouble = failure.what();
  }
  if (!trouble.empty() && trouble != trouble_) spdlog::warn("queue depth: {}", trouble);
  trouble_ = trouble;
}

Task<> QueueWatch::stop() {
  stopping_.request(Failure(Kind::stopping, "the supervisor is stopping"));
  co_await background_.join();
  co_await redis_.close();
}

}  // namespace ryumem
