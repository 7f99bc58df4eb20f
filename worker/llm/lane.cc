#include "worker/llm/lane.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/backoff.h"

namespace ryumem {
namespace {

// How often Redis is asked: seldom enough to cost nothing, often enough that portions are small.
constexpr Millis kTick{250};
// Between two asks, whatever happens.
constexpr Millis kLeast{30};
// After Redis refused to answer.
constexpr Millis kTrouble{1000};
// An ask that is not answered for so long leaves us on our own.
constexpr Millis kPatience{500};
// A reply tells how things are for so long.
constexpr Millis kFresh{1500};
constexpr Millis kBeat{100};
// A call waits for so long with its job in hand; beyond that the job is better off delayed.
constexpr Millis kLongestHold{120'000};
// No jobs are taken while nothing may be sent for longer than this.
constexpr Millis kShortHold{5000};
// A job has several calls to make, one after the other, which take a few seconds each.
constexpr double kSecondsOfWork = 30;
// What comes back later than this is no limit of a minute.
constexpr Millis kLongestReset{90'000};
// What replies said longer ago may have changed.
constexpr Millis kToldFor{60'000};

// So that processes that were started together do not ask together.
Millis jittered(Millis around) {
  const double factor = 0.8 + 0.4 * random_fraction();
  return Millis(std::llround(static_cast<double>(around.count()) * factor));
}

// The limit that an allowance tells; 0 if it is none of a minute.
double limit_of(const RateFacts::Allowance& allowance) {
  if (!allowance.limit || *allowance.limit <= 0) return 0;
  if (allowance.reset && *allowance.reset > kLongestReset) return 0;
  return static_cast<double>(*allowance.limit);
}

}  // namespace

Passage::~Passage() {
  if (lane_ != nullptr) lane_->left();
}

void Passage::answered(std::int64_t tokens, const RateFacts& facts) {
  if (lane_ == nullptr) return;
  ++lane_->answered_;
  lane_->window_.answered();
  lane_->hear(facts);
  if (tokens <= 0) return;
  lane_->purse_.settle(tokens_, static_cast<double>(tokens));
  lane_->estimate_.learn(bytes_, tokens);
}

void Passage::refused(const Failure& failure, int status, const RateFacts& facts) {
  if (lane_ == nullptr) return;
  lane_->hear(facts);
  // What was not done has taken no tokens.
  lane_->purse_.settle(tokens_, 0);
  constexpr int kTooMany = 429;
  if (failure.kind() != Kind::transient && failure.kind() != Kind::unreachable) return;
  if (status != kTooMany && !failure.retry_after()) return;
  const Monotonic::time_point now = Monotonic::now();
  const Millis wait = failure.retry_after().value_or(Millis(0));
  ++lane_->refused_;
  lane_->wait_ = std::max(lane_->wait_, wait);
  lane_->window_.refused(now);
  lane_->purse_.forfeit();
  lane_->hold_until(now + wait);
  lane_->hurry();
}

Lane::Lane(std::string name, PerMinute configured, std::size_t most, Durations& waits)
    : name_(std::move(name)), configured_(configured), waits_(waits), window_(most) {
  purse_.share(configured, 1);
}

Task<Passage> Lane::enter(std::size_t bytes, Cancel& cancel) {
  const Monotonic::time_point came = Monotonic::now();
  if (not_before_ - came > kLongestHold) throw why_not(came);
  Entry entry(*this, bytes, cancel);
  Passage passage = co_await entry;
  waits_.observe(seconds_between(came, Monotonic::now()));
  co_return passage;
}

void Lane::Entry::begin() {
  place_ = lane_.queue_.insert(lane_.queue_.end(), this);
  if (!lane_.beating_) {
    lane_.beating_ = true;
    lane_.beaten_at_ = Monotonic::now();
    lane_.beat_.every(kBeat, [lane = &lane_] { lane->beat(); });
  }
  lane_.changed_.notify();
  lane_.let_pass();
}

void Lane::Entry::undo() noexcept { lane_.queue_.erase(place_); }

Passage Lane::Entry::await_resume() {
  Wait::await_resume();
  if (turned_away_) throw lane_.why_not(Monotonic::now());
  return Passage(&lane_, bytes_, tokens_);
}

void Lane::left() noexcept {
  --under_way_;
  let_pass();
}

void Lane::hear(const RateFacts& facts) {
  const PerMinute told(limit_of(facts.requests), limit_of(facts.tokens));
  if (!told.any()) return;
  const bool is_new = told.requests != told_.requests || told.tokens != told_.tokens;
  told_ = told;
  told_at_ = Monotonic::now();
  if (is_new) hurry();
}

void Lane::hold_until(Monotonic::time_point when) {
  not_before_ = std::max(not_before_, when);
  if (not_before_ - Monotonic::now() > kLongestHold) turn_all_away();
}

void Lane::turn_all_away() {
  while (!queue_.empty()) {
    Entry* next = queue_.front();
    queue_.pop_front();
    next->turned_away_ = true;
    next->wake();
  }
}

Failure Lane::why_not(Monotonic::time_point now) const {
  const Millis left = std::chrono::ceil<Millis>(not_before_ - now);
  return Failure(Kind::transient, name_ + " is not to be asked for " +
                                      std::to_string(left.count() / 1000) +
                                      " s, as its provider wants it")
      .with_retry_after(std::max(left, Millis(0)));
}

// Redis is asked and does not answer.
bool Lane::on_our_own(Monotonic::time_point now) const {
  return replied_at_ && asked_at_ && now - *asked_at_ > kPatience;
}

bool Lane::may_send(Monotonic::time_point now) const {
  return now >= not_before_ && ((replied_at_ && now - *replied_at_ < kFresh) || on_our_own(now));
}

void Lane::let_pass() {
  if (queue_.empty() || !may_send(Monotonic::now())) return;
  while (!queue_.empty() && under_way_ < window_.size()) {
    Entry* next = queue_.front();
    next->tokens_ = estimate_.of(next->bytes_);
    if (!purse_.covers(next->tokens_)) {
      if (!scarce_) hurry();
      return;
    }
    purse_.take(next->tokens_);
    ++under_way_;
    queue_.pop_front();
    next->wake();
  }
}

// While somebody waits: time passes.
void Lane::beat() {
  const Monotonic::time_point now = Monotonic::now();
  const Millis passed = std::chrono::duration_cast<Millis>(now - beaten_at_);
  beaten_at_ += passed;
  if (on_our_own(now) && now >= not_before_ && !queue_.empty())
    purse_.earn(passed, estimate_.of(queue_.front()->bytes_));
  let_pass();
  if (!queue_.empty()) return;
  beating_ = false;
  beat_.stop();
}

std::optional<std::size_t> Lane::enough_jobs() const {
  if (not_before_ - Monotonic::now() > kShortHold) return 0;
  const PerMinute mine = part();
  if (!mine.any()) return std::nullopt;
  double calls = mine.requests;
  const double by_tokens = mine.tokens / estimate_.average();
  if (calls <= 0 || (mine.tokens > 0 && by_tokens < calls)) calls = by_tokens;
  return static_cast<std::size_t>(std::max(1.0, std::ceil(calls * kSecondsOfWork / 60)));
}

bool Lane::anything_to_say() const {
  return !queue_.empty() || under_way_ > 0 || answered_ + refused_ > 0 || want() != Purse::Want();
}

// For no more calls than may be under way.
Purse::Want Lane::want() const {
  double next = 0;
  double sum = 0;
  std::size_t calls = 0;
  const std::size_t room = window_.size() > under_way_ ? window_.size() - under_way_ : 0;
  for (const Entry* entry : queue_) {
    if (calls == room) break;
    const double tokens = estimate_.of(entry->bytes_);
    if (calls++ == 0) next = tokens;
    sum += tokens;
  }
  return purse_.want(calls, next, sum);
}

Task<> Lane::keep(Queue& queue, Cancel& cancel) {
  try {
    for (;;) {
      while (!anything_to_say()) co_await changed_.wait(cancel);
      co_await ask(queue, cancel);
    }
  } catch (const Failure& failure) {
    if (!cancel.requested()) spdlog::error("{} is not governed: {}", name_, failure.what());
  }
}

Task<> Lane::ask(Queue& queue, Cancel& cancel) {
  LaneAsk ask;
  ask.lane = name_;
  ask.configured = configured_;
  const Monotonic::time_point now = Monotonic::now();
  if (told_at_ && now - *told_at_ < kToldFor) ask.told = told_;
  const Purse::Want wanted = want();
  ask.requests = wanted.requests;
  ask.tokens = wanted.tokens;
  ask.answered = std::exchange(answered_, 0);
  ask.refused = std::exchange(refused_, 0);
  ask.wait = std::exchange(wait_, Millis(0));
  // Given back is given back before it is sent: it must not be used meanwhile.
  purse_.put(std::min<std::int64_t>(0, ask.requests), std::min<std::int64_t>(0, ask.tokens));
  if (!asked_at_) asked_at_ = now;
  in_a_hurry_ = false;
  std::optional<Failure> trouble;
  try {
    const LaneReply reply = co_await queue.ask_lane(ask, cancel);
    take(ask, reply);
  } catch (const Failure& failure) {
    trouble = failure;
  }
  cancel.throw_if_requested();
  if (!trouble) {
    co_await pause(kTick, cancel);
    co_return;
  }
  answered_ += ask.answered;
  refused_ += ask.refused;
  wait_ = std::max(wait_, ask.wait);
  spdlog::debug("{} holds its last share: {}", name_, trouble->what());
  co_await pause(kTrouble, cancel);
}

void Lane::take(const LaneAsk& asked, const LaneReply& reply) {
  const Monotonic::time_point now = Monotonic::now();
  // Somebody else's calls were too many?
  if (replied_at_ && reply.refusals > refusals_ && asked.refused == 0) {
    window_.refused(now);
    purse_.forfeit();
  }
  asked_at_.reset();
  replied_at_ = now;
  purse_.share(reply.all, reply.processes);
  purse_.put(reply.requests, reply.tokens);
  scarce_ = reply.requests < asked.requests || reply.tokens < asked.tokens;
  refusals_ = reply.refusals;
  if (reply.wait.count() > 0) hold_until(now + reply.wait);
  let_pass();
}

Task<> Lane::pause(Millis length, Cancel& cancel) {
  co_await Sleep(kLeast, cancel);
  if (in_a_hurry_) co_return;
  pause_.once(jittered(length - kLeast), [this] { hurry(); });
  while (!in_a_hurry_) co_await changed_.wait(cancel);
  pause_.stop();
}

void Lane::hurry() noexcept {
  in_a_hurry_ = true;
  changed_.notify();
}

}  // namespace ryumem
