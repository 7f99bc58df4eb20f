// The last hour in figures, for the plots of the status page: a point every ten seconds, in memory
// only, and never more than an hour of them.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "common/base/json_build.h"
#include "common/ops/metrics.h"
#include "common/ops/scoreboard.h"

namespace ryumem {

/// The durations of a step that ended within a point's ten seconds.
struct StepFigures {
  std::uint64_t count = 0;
  double mean = 0;  // seconds
  double p95 = 0;   // seconds, as near as the histogram's buckets tell
  StepFigures() = default;
};

/// What was at a moment, and what happened in the ten seconds before it.
struct HistoryPoint {
  static constexpr std::size_t kSteps = static_cast<std::size_t>(Step::count);

  std::int64_t at = 0;                  // seconds since the epoch
  std::optional<std::int64_t> pending;  // nothing: Redis could not be asked
  std::optional<std::int64_t> delayed;
  std::optional<std::int64_t> dead;
  std::optional<double> oldest;  // seconds
  std::int64_t in_hand = 0;
  std::int64_t completed = 0;
  std::int64_t failed = 0;  // attempts that ended in a delay or a dead letter
  std::int64_t tokens = 0;
  double usd = 0;
  std::array<StepFigures, kSteps> steps;
  StepFigures attempts;

  HistoryPoint() = default;
};

class History {
 public:
  static constexpr int kEvery = 10;  // seconds
  static constexpr std::size_t kPoints = 360;

  /// Takes the next point. The first call only begins the count.
  void take(const Scoreboard& board, const SupervisorFigures& figures, std::int64_t at);

  const std::deque<HistoryPoint>& points() const { return points_; }

  /// The points after `since` (seconds since the epoch), a column for each figure;
  /// docs/status-json.md has the names.
  JsonBuilder as_json(std::int64_t since) const;

 private:
  struct Totals {
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t tokens = 0;
    std::uint64_t nano_usd = 0;
    // Of each step, and of whole attempts at the end.
    std::array<std::array<std::uint64_t, kDurationBounds.size() + 1>, HistoryPoint::kSteps + 1>
        buckets{};
    std::array<std::uint64_t, HistoryPoint::kSteps + 1> sums_us{};
    Totals() = default;
  };
  static Totals totals_of(const Scoreboard& board);
  static StepFigures between(const Totals& before, const Totals& now, std::size_t which);

  std::optional<Totals> before_;
  std::deque<HistoryPoint> points_;
};

}  // namespace ryumem
