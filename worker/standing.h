// What a worker says of itself in its slot: that it is ready, quiet or draining.
#pragma once

#include "common/ops/scoreboard.h"
#include "worker/place.h"
#include "worker/quiet.h"

namespace ryumem {

class Standing {
 public:
  Standing(Place& place, Quiet& quiet) : place_(place), quiet_(quiet) {}

  /// Quiet is a worker when its supervisor wishes so of all, or somebody told this one.
  void told(bool quiet) noexcept;
  void look() noexcept;

  void ready() noexcept;
  void draining() noexcept;

 private:
  void say(WorkerState state) noexcept;
  Place& place_;
  Quiet& quiet_;
  bool told_ = false;
};

}  // namespace ryumem
