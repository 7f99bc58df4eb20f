// What there is to say of a supervisor and its fleet at one moment; the answers of its HTTP server
// are made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/ops/metrics.h"
#include "common/ops/scoreboard.h"
#include "common/queue/fleet.h"
#include "common/queue/letter.h"
#include "common/queue/pauses.h"
#include "supervisor/death.h"
#include "supervisor/history.h"

namespace ryumem {

struct Status {
  const Scoreboard& board;
  SupervisorFigures figures;
  std::string redis_trouble;  // why Redis cannot be asked; empty when it can
  bool draining = false;
  bool quiet = false;                      // told to take no new jobs
  std::vector<std::string> pool_troubles;  // workers that die again and again
  std::vector<Pause> pauses;               // all that is paused in the fleet
  std::vector<std::string> pausable_by;    // what a pause must be of to hold our workers
  std::vector<Member> fleet;               // the supervisors of this queue, this one included
  std::vector<Letter> letters;             // the last dead letters, the newest first
  const History* history = nullptr;        // null: there is none
  const Deaths* deaths = nullptr;          // of workers; null: not known
  std::string name;                        // unique among all supervisors
  std::string host;
  std::string chat_model;  // "openai gpt-6-luna"
  std::string embedding_model;
  double now = 0;  // seconds since the epoch

  explicit Status(const Scoreboard& the_board) : board(the_board) {}
};

/// Why this program would not work on a job that came now; empty: it would.
std::vector<std::string> reasons_not_ready(const Status& status);

/// What this supervisor tells the others of itself.
Member introduction(const Status& status);

/// What the workers' circuits to a dependency come to.
struct CircuitSummary {
  int workers = 0;  // that there are
  int open = 0;     // whose circuit is not closed
  /// "closed"; "open", or "half_open" when a worker tries again; "partly open" when it is not that
  /// of all workers; "unknown" without workers.
  std::string state;
  /// Why one that is open was opened; empty if none is.
  std::string reason;
  /// Until the first of them tries again, in ns; nothing if none waits for it.
  std::optional<std::uint64_t> next_probe_ns;

  CircuitSummary() = default;
};
CircuitSummary circuit_to(const Scoreboard& board, Dependency on, std::uint64_t now_ns);

}  // namespace ryumem
