#include "common/base/backoff.h"

#include <algorithm>
#include <random>

namespace ryumem {

Millis Backoff::ceiling(Millis first, Millis longest, int n) {
  const int doublings = std::clamp(n - 1, 0, 30);
  return std::min(longest, first * (std::int64_t{1} << doublings));
}

Millis Backoff::next() {
  ++tries_;
  const auto limit = static_cast<double>(ceiling(first_, longest_, tries_).count());
  return Millis(static_cast<std::int64_t>(limit * random_fraction()));
}

double random_fraction() {
  static std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

}  // namespace ryumem
