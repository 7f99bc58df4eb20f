// What there is to tell the service manager, from the supervisor's state at one moment.
#pragma once

#include <cstdint>
#include <string>

#include "supervisor/endpoints.h"

namespace ryumem {

struct Tidings {
  bool worker_ready = false;
  bool quorum = false;  // enough workers beat
  /// Changes with whatever gets done: two equal values say that nothing moved between.
  std::uint64_t progress = 0;
  std::string line;  // for people: "2 of 2 workers ready, 14 jobs in hand, 312 waiting"

  Tidings() = default;
};

/// `present`: workers that live; `beating`: how many of them beat. At least half must, for a
/// quorum; a pool that has nobody just now is no reason to be started anew.
Tidings tidings(const Status& status, int present, int beating);

}  // namespace ryumem
