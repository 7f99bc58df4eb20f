// What top shows, as lines: made of two looks at the fleet, no terminal in it.
#pragma once

#include <string>
#include <vector>

#include "ctl/status_view.h"
#include "ctl/terminal.h"

namespace ryumem {

struct TopFacts {
  StatusView now;
  std::string clock;                    // the time of the look, for people
  std::optional<double> jobs_a_second;  // settled between the last two looks
  double every = 1;                     // seconds between looks
  TopFacts() = default;
};

/// Settled jobs per second between two looks that were `seconds` apart; nothing if they are not of
/// the same supervisor.
std::optional<double> rate_between(const StatusView& before, const StatusView& now, double seconds);

/// At most `size.rows` lines; the workers, the work and the dead get what room is left.
std::vector<Line> top_frame(const TopFacts& facts, ScreenSize size);

}  // namespace ryumem
