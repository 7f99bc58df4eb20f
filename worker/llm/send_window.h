// How many calls may be under way at once, found by trying: more and more while they are answered,
// clearly fewer as soon as one is refused as too many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "common/base/clock.h"

namespace ryumem {

class SendWindow {
 public:
  explicit SendWindow(std::size_t most)
      : most_(static_cast<double>(std::max<std::size_t>(1, most))),
        size_(std::min(most_, kFirst)) {}

  std::size_t size() const { return static_cast<std::size_t>(size_); }

  /// Before the first refusal it doubles with each round of answers, after it grows by one.
  void answered() { size_ = std::min(most_, size_ + (cut_at_ ? 1 / size_ : 1)); }

  /// Calls of one volley are refused together: that is one refusal.
  void refused(Monotonic::time_point now) {
    if (cut_at_ && now - *cut_at_ < kVolley) return;
    cut_at_ = now;
    size_ = std::max(1.0, size_ * kCut);
  }

 private:
  static constexpr double kFirst = 32;
  static constexpr double kCut = 0.7;
  static constexpr Millis kVolley{2000};

  double most_;
  double size_;
  std::optional<Monotonic::time_point> cut_at_;
};

}  // namespace ryumem
