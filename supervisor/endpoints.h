// What the supervisor's HTTP server answers: read-only, made anew from the state at each request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/net/http_message.h"
#include "common/ops/metrics.h"
#include "common/ops/scoreboard.h"
#include "common/queue/pauses.h"

namespace ryumem {

/// The state that the answers are made from, as it is at one moment.
struct Status {
  const Scoreboard& board;
  SupervisorFigures figures;
  std::string redis_trouble;  // why Redis cannot be asked; empty when it can
  bool draining = false;
  bool quiet = false;                      // told to take no new jobs
  std::vector<std::string> pool_troubles;  // workers that die again and again
  std::vector<Pause> pauses;               // all that is paused in the fleet
  std::vector<std::string> pausable_by;    // what a pause must be of to hold our workers

  explicit Status(const Scoreboard& the_board) : board(the_board) {}
};

/// Why this program would not work on a job that came now; empty: it would.
std::vector<std::string> reasons_not_ready(const Status& status);

/// The answer to any request: 404 for a path that is none of ours, 405 for anything but GET.
HttpAnswer answer(const HttpQuery& query, const Status& status);

}  // namespace ryumem
