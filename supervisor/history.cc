#include "supervisor/history.h"

#include <fmt/format.h>

#include <cmath>

namespace ryumem {
namespace {

void add(const Durations& from, std::array<std::uint64_t, kDurationBounds.size() + 1>& buckets,
         std::uint64_t& sum_us) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += from.buckets[i].load();
  sum_us += from.sum_us.load();
}

// Where `share` of the durations lie below, on a straight line within its bucket. What took longer
// than the last bound is said to have taken as long as that.
double quantile(double share,
                const std::array<std::uint64_t, kDurationBounds.size() + 1>& buckets) {
  std::uint64_t all = 0;
  for (const std::uint64_t count : buckets) all += count;
  const double rank = share * static_cast<double>(all);
  double below = 0;
  for (std::size_t i = 0; i < kDurationBounds.size(); ++i) {
    const auto here = static_cast<double>(buckets[i]);
    const double from = i == 0 ? 0 : kDurationBounds[i - 1];
    if (here > 0 && below + here >= rank)
      return from + (kDurationBounds[i] - from) * (rank - below) / here;
    below += here;
  }
  return kDurationBounds.back();
}

// A column of a figure of each point.
class Column {
 public:
  void add(const std::string& value) {
    text_ += text_.empty() ? "" : ",";
    text_ += value;
  }
  void add(std::int64_t value) { add(std::to_string(value)); }
  void add(double value) { add(fmt::format("{:.6g}", std::isfinite(value) ? value : 0)); }
  template <class Number>
  void add(const std::optional<Number>& value) {
    if (value)
      add(*value);
    else
      add(std::string("null"));
  }
  JsonBuilder json() const { return JsonBuilder::raw("[" + text_ + "]"); }

 private:
  std::string text_;
};

}  // namespace

History::Totals History::totals_of(const Scoreboard& board) {
  Totals totals;
  for (int i = 0; i < board.slots(); ++i) {
    const Slot& slot = board.slot(i);
    totals.completed += slot.jobs[Outcome::completed].load();
    totals.failed += slot.jobs[Outcome::delayed].load() + slot.jobs[Outcome::buried].load();
    totals.tokens += slot.tokens_in.load() + slot.tokens_out.load();
    for (std::size_t step = 0; step < HistoryPoint::kSteps; ++step)
      add(slot.steps[step], totals.buckets[step], totals.sums_us[step]);
    add(slot.attempt, totals.buckets.back(), totals.sums_us.back());
  }
  for (const AccountRow& row : board.accounts().rows())
    if (row.named()) totals.nano_usd += row.nano_usd.load(std::memory_order_relaxed);
  return totals;
}

StepFigures History::between(const Totals& before, const Totals& now, std::size_t which) {
  std::array<std::uint64_t, kDurationBounds.size() + 1> buckets{};
  StepFigures figures;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    buckets[i] = now.buckets[which][i] - before.buckets[which][i];
    figures.count += buckets[i];
  }
  if (figures.count == 0) return figures;
  const std::uint64_t micros = now.sums_us[which] - before.sums_us[which];
  figures.mean = static_cast<double>(micros) / 1e6 / static_cast<double>(figures.count);
  figures.p95 = quantile(0.95, buckets);
  return figures;
}

void History::take(const Scoreboard& board, const SupervisorFigures& figures, std::int64_t at) {
  const Totals now = totals_of(board);
  if (before_) {
    HistoryPoint point;
    point.at = at;
    point.pending = figures.pending;
    point.delayed = figures.delayed;
    point.dead = figures.dead;
    point.oldest = figures.oldest_pending;
    for (int i = 0; i < board.slots(); ++i)
      point.in_hand += static_cast<std::int64_t>(board.slot(i).jobs_in_hand.load());
    point.completed = static_cast<std::int64_t>(now.completed - before_->completed);
    point.failed = static_cast<std::int64_t>(now.failed - before_->failed);
    point.tokens = static_cast<std::int64_t>(now.tokens - before_->tokens);
    point.usd = static_cast<double>(now.nano_usd - before_->nano_usd) / 1e9;
    for (std::size_t step = 0; step < HistoryPoint::kSteps; ++step)
      point.steps[step] = between(*before_, now, step);
    point.attempts = between(*before_, now, HistoryPoint::kSteps);
    points_.push_back(std::move(point));
    while (points_.size() > kPoints) points_.pop_front();
  }
  before_ = now;
}

JsonBuilder History::as_json(std::int64_t since) const {
  Column at, pending, delayed, dead, oldest, in_hand, completed, failed, tokens, usd;
  std::array<Column, HistoryPoint::kSteps + 1> counts, means, p95s;
  for (const HistoryPoint& point : points_) {
    if (point.at <= since) continue;
    at.add(point.at);
    pending.add(point.pending);
    delayed.add(point.delayed);
    dead.add(point.dead);
    oldest.add(point.oldest);
    in_hand.add(point.in_hand);
    completed.add(point.completed);
    failed.add(point.failed);
    tokens.add(point.tokens);
    usd.add(point.usd);
    for (std::size_t i = 0; i <= HistoryPoint::kSteps; ++i) {
      const StepFigures& step = i < HistoryPoint::kSteps ? point.steps[i] : point.attempts;
      counts[i].add(static_cast<std::int64_t>(step.count));
      means[i].add(step.mean);
      p95s[i].add(step.p95);
    }
  }
  JsonBuilder durations = JsonBuilder::object();
  for (std::size_t i = 0; i <= HistoryPoint::kSteps; ++i) {
    JsonBuilder one = JsonBuilder::object();
    one.add("count", counts[i].json()).add("mean_s", means[i].json()).add("p95_s", p95s[i].json());
    const std::string_view of =
        i < HistoryPoint::kSteps ? name(static_cast<Step>(i)) : std::string_view("attempt");
    durations.add(std::string(of).c_str(), std::move(one));
  }
  JsonBuilder out = JsonBuilder::object();
  out.integer("every_s", kEvery)
      .add("at", at.json())
      .add("pending", pending.json())
      .add("delayed", delayed.json())
      .add("dead", dead.json())
      .add("oldest_pending_s", oldest.json())
      .add("in_hand", in_hand.json())
      .add("completed", completed.json())
      .add("failed", failed.json())
      .add("tokens", tokens.json())
      .add("usd", usd.json())
      .add("durations", std::move(durations));
  return out;
}

}  // namespace ryumem
