#include "common/ops/circuit.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/secrets.h"

namespace ryumem {
namespace {

constexpr Millis kFirstPause{1000};
constexpr Millis kLongestPause{60'000};
// A probe is never due at once, whatever the dice say.
constexpr Millis kShortestPause{250};
// Longer than from one word of those who share it to the next: who is not told to try does not.
constexpr Millis kShortestTurn{2500};

constexpr std::size_t kAllowanceAfterOpening = 2;
constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

void show(CircuitView& view, CircuitState state) {
  view.state.store(static_cast<std::uint64_t>(state));
}

}  // namespace

Circuit::Circuit(Dependency dependency, CircuitView& view, Circuits& all)
    : dependency_(dependency), view_(view), all_(all), pauses_(kFirstPause, kLongestPause) {
  show(view_, CircuitState::closed);
  view_.set_reason("");
}

void Circuit::admit() {
  if (open())
    throw Failure(Kind::unreachable,
                  "the circuit of the " + std::string(name(dependency_)) + " is open: " + reason_);
  if (closed()) return;
  tried_ = true;
  show(view_, CircuitState::half_open);
}

void Circuit::succeeded() {
  // An answer from before it was opened for all says nothing about now.
  if (shared_ && open()) return;
  refused_ = false;
  contradicted_ = 0;
  if (closed()) return;
  spdlog::info("the {} works again: its circuit is closed", name(dependency_));
  news_ = News();
  if (shared_) {
    news_.works = true;
    all_.news.notify();
  }
  pauses_.reset();
  close();
}

void Circuit::close() {
  probe_at_.reset();
  rests_until_ = Monotonic::time_point();
  shared_ = ours_ = tried_ = false;
  show(view_, CircuitState::closed);
  view_.set_reason("");
  all_.has_changed();
}

void Circuit::open_until(Monotonic::time_point when) {
  probe_at_ = when;
  view_.probe_ns.store(
      static_cast<std::uint64_t>(std::chrono::nanoseconds(when.time_since_epoch()).count()));
}

void Circuit::failed(const Failure& failure) {
  const Kind kind = failure.kind();
  if (kind == Kind::stopping || kind == Kind::lease_lost || !failure.was_sent()) {
    tried_ = false;  // nothing was found out
    return;
  }
  if (open()) return;
  const bool out = kind == Kind::outage || kind == Kind::unreachable;
  if (!out && kind != Kind::transient) {
    succeeded();
    return;
  }
  if (!out && closed()) return;
  const Millis pause = std::max(kShortestPause, pauses_.next());
  const Millis hinted = std::max(pause, failure.retry_after().value_or(pause));
  // Shown to whoever asks /readyz.
  reason_ = without_secrets(failure.what());
  spdlog::error("the circuit of the {} is open, next probe in {} ms: {}", name(dependency_),
                hinted.count(), reason_);
  const Millis wait = std::min(hinted, kLongestPause);
  rests_until_ = Monotonic::now() + wait;
  open_until(rests_until_);
  view_.opened.add();
  view_.set_reason(reason_);
  show(view_, CircuitState::open);
  ours_ = false;
  all_.was_opened();
  // An answer that refuses us refuses all who ask with the same key; whom nobody reaches here may
  // be in reach elsewhere. What works for others time and again is out for us alone: for want of a
  // certificate, say.
  constexpr int kOursAlone = 2;
  const bool of_all = kind == Kind::outage && contradicted_ < kOursAlone;
  refused_ = true;
  if (!of_all && !shared_) return;
  news_ = News();
  news_.failed = true;
  news_.why = reason_;
  news_.least = wait;
  all_.news.notify();
}

Circuit::News Circuit::take_news() { return std::exchange(news_, News()); }

void Circuit::keep_news(News news) {
  const bool outdated = news.failed && closed();  // it has worked here since
  if (!news_.any() && !outdated) news_ = std::move(news);
}

bool Circuit::idle_canary() const { return ours_ && !tried_ && all_.canaries_ == 0; }

void Circuit::opened_for_all(const std::string& why, bool ours, Millis left) {
  if (news_.any()) return;  // we know better, and are about to say so
  const Monotonic::time_point now = Monotonic::now();
  if (!ours_) tried_ = false;
  shared_ = true;
  ours_ = ours;
  if (closed()) {
    reason_ = without_secrets(why);
    spdlog::error("the circuit of the {} is open for all who share it: {}", name(dependency_),
                  reason_);
    view_.set_reason(reason_);
    show(view_, CircuitState::open);
    open_until(now);
    all_.was_opened();
  }
  if (!refused_ && !why.empty() && why != reason_) {
    reason_ = without_secrets(why);
    view_.set_reason(reason_);
  }
  if (!ours) {
    show(view_, CircuitState::open);
    open_until(now + std::max(left, kShortestTurn));
  } else if (open()) {
    open_until(now);
  }
  all_.has_changed();
}

void Circuit::closed_for_all() {
  if (!shared_ || news_.any()) return;
  spdlog::info("the circuit of the {} is not open for all any more: it is closed",
               name(dependency_));
  if (std::exchange(refused_, false)) ++contradicted_;
  if (contradicted_ == 0) pauses_.reset();
  close();
}

Circuits::Circuits(Slot& slot)
    : chat(Dependency::chat_model, slot.of(Dependency::chat_model), *this),
      embedding(Dependency::embedding_model, slot.of(Dependency::embedding_model), *this),
      server(Dependency::server, slot.of(Dependency::server), *this),
      all_({&chat, &embedding, &server}),
      allowance_(kUnlimited) {}

std::size_t Circuits::claimable(std::size_t in_hand, std::size_t most,
                                Monotonic::time_point now) const {
  std::size_t allowed = std::min(most, allowance_);
  for (const Circuit* circuit : all_) {
    if (circuit->open(now)) return 0;
    if (!circuit->closed()) allowed = 1;
  }
  return allowed > in_hand ? allowed - in_hand : 0;
}

bool Circuits::probing() const {
  return std::any_of(all_.begin(), all_.end(), [](const Circuit* c) { return !c->closed(); });
}

bool Circuits::have_news() const {
  return std::any_of(all_.begin(), all_.end(), [](const Circuit* c) { return c->has_news(); });
}

void Circuits::job_completed() {
  constexpr std::size_t kNoLongerMatters = 1 << 16;
  if (probing() || allowance_ == kUnlimited) return;
  allowance_ = allowance_ > kNoLongerMatters ? kUnlimited : allowance_ * 2;
  change_.notify();
}

void Circuits::held_back() {
  constexpr Millis kBelieved{10'000};
  held_until_ = Monotonic::now() + kBelieved;
}

void Circuits::was_opened() {
  allowance_ = kAllowanceAfterOpening;
  change_.notify();
}

Task<> Circuits::changed(Cancel& cancel, Monotonic::time_point now) {
  std::optional<Monotonic::time_point> due;
  for (const Circuit* circuit : all_)
    if (circuit->open(now) && (!due || *circuit->probe_at() > *due)) due = circuit->probe_at();
  Timer timer;
  if (due) {
    const auto left = std::chrono::ceil<Millis>(*due - Monotonic::now());
    timer.once(std::max(Millis(1), left), [this] { change_.notify(); });
  }
  co_await change_.wait(cancel);
}

}  // namespace ryumem
