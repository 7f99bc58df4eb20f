#include "supervisor/respawn_delay.h"

#include <algorithm>
#include <cmath>

namespace ryumem {

Millis respawn_delay(int deaths_in_a_row, double luck) {
  const int k = deaths_in_a_row - 1;
  if (k <= 0) return Millis(0);
  const double seconds = std::min(30.0, 0.25 * std::ldexp(1.0, std::min(k - 1, 16)));
  return Millis(std::lround(seconds * (1 - 0.25 * luck) * 1000));
}

}  // namespace ryumem
