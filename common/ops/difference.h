// What a change of the configuration changes.
#pragma once

#include <string>
#include <vector>

#include "common/ops/options.h"

namespace ryumem {

/// Two sets of settings compared, an entry for each option that is not the same in both:
/// "concurrency: 64 -> 32". A secret's entry does not show it.
struct Difference {
  std::vector<std::string> now;         // takes effect with a reload
  std::vector<std::string> at_restart;  // waits until ryumemd is started anew
  Difference() = default;
  bool none() const { return now.empty() && at_restart.empty(); }
};
Difference difference(const Settings& before, const Settings& after);

}  // namespace ryumem
