// Shares this process's circuits with all processes that ask with the same keys: what one of them
// was refused for all, none asks for, until the one that tries has got through.
#pragma once

#include <string>
#include <vector>

#include "common/async/timer.h"
#include "common/ops/circuit.h"
#include "common/ops/options.h"
#include "common/queue/shared_circuits.h"
#include "worker/quiet.h"

namespace ryumem {

class FleetCircuits {
 public:
  /// `who`: unique among all processes. `circuits` and `quiet` outlive it.
  FleetCircuits(const Settings& settings, Circuits& circuits, const Quiet& quiet, std::string who);

  /// Speaks with Redis every second, and at once when there is news, until `cancel`. While Redis
  /// does not answer, each circuit goes by what this process finds. `queue` outlives it.
  Task<> keep(Queue& queue, Cancel& cancel);
  /// This process takes no more jobs, so it does not try anything any more.
  void retire() noexcept { retired_ = true; }

 private:
  struct Part {
    Circuit& circuit;
    std::string name;
    Monotonic::time_point ours_since{};
    bool was_ours = false;

    Part(Circuit& the_circuit, std::string the_name)
        : circuit(the_circuit), name(std::move(the_name)) {}
  };
  Task<> speak(Queue& queue, Cancel& cancel);
  bool would_try(Part& part, Monotonic::time_point now) const;

  Circuits& circuits_;
  const Quiet& quiet_;
  std::string who_;
  std::vector<Part> parts_;
  bool retired_ = false;
  Timer tick_;
  bool due_ = false;
};

}  // namespace ryumem
