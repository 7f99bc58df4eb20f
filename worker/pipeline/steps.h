// Where a job is: what a step's beginning and end mean for the log and the metrics.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/ops/scoreboard.h"

namespace ryumem {

/// One attempt at one job, from its claim to its settlement.
class Attempt {
 public:
  Attempt(std::string job_id, Slot& slot);
  ~Attempt();
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// The step before, if any, is over, and this one begins.
  void enter(Step step);

  /// Where it is, for messages: the step's name.
  std::string_view step_name() const;
  double seconds() const;

 private:
  void leave();
  void show() noexcept;

  std::string job_id_;
  Slot& slot_;
  WorkView* shown_ = nullptr;  // null: there was no place
  Monotonic::time_point began_;
  Monotonic::time_point step_began_;
  std::optional<Step> step_;
};

}  // namespace ryumem
