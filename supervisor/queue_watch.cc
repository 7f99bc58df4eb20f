#include "supervisor/queue_watch.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "common/async/timer.h"
#include "common/ops/redis_of.h"

namespace ryumem {
namespace {
constexpr Millis kPeriod{1'000};
constexpr int kOften = 2;   // periods
constexpr int kSeldom = 5;  // periods
constexpr Millis kForTheLastWord{1'000};
constexpr int kLetters = 10;
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

std::vector<Member> QueueWatch::fleet() const {
  return redis_.connected() ? fleet_ : std::vector<Member>();
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
    if (rounds_ % kOften == 0) co_await look_at_the_fleet();
    if (rounds_++ % kSeldom == 0) {
      spent_ = co_await queue_.spent_today(stopping_);
      co_await look_at_the_dead();
    }
    latest_ = depths;
  } catch (const Failure& failure) {
    stopping_.throw_if_requested();
    latest_.reset();
    spent_.reset();
    fleet_.clear();
    rounds_ = 0;
    trouble = failure.what();
  }
  if (!trouble.empty() && trouble != trouble_) spdlog::warn("queue depth: {}", trouble);
  trouble_ = trouble;
}

Task<> QueueWatch::look_at_the_dead() {
  std::vector<std::string> range = {std::to_string(-kLetters), "-1"};
  const RedisReply reply = co_await queue_.run("dead_list", std::move(range), stopping_);
  letters_ = read_letters(reply);
  std::reverse(letters_.begin(), letters_.end());
}

Task<> QueueWatch::look_at_the_fleet() {
  if (!own_) co_return;
  // A Redis that takes no writes, say, is still one whose queue can be looked at.
  std::string trouble;
  try {
    const Member own = own_();
    Fleet fleet(queue_);
    fleet_ = co_await fleet.tell(own, stopping_);
  } catch (const Failure& failure) {
    stopping_.throw_if_requested();
    fleet_.clear();
    trouble = failure.what();
  }
  if (!trouble.empty() && trouble != fleet_trouble_) spdlog::warn("the fleet: {}", trouble);
  fleet_trouble_ = trouble;
}

Task<> QueueWatch::take_leave() {
  if (!own_ || !redis_.connected()) co_return;
  try {
    Cancel last;
    const Deadline limit(last, kForTheLastWord,
                         Failure(Kind::stopping, "the supervisor has to end"));
    Fleet fleet(queue_);
    co_await fleet.leave(name_, last);
  } catch (const Failure& failure) {
    spdlog::debug("the fleet does not know that we leave: {}", failure.what());
  }
}

Task<> QueueWatch::stop() {
  stopping_.request(Failure(Kind::stopping, "the supervisor is stopping"));
  co_await background_.join();
  co_await take_leave();
  co_await redis_.close();
}

}  // namespace ryumem
