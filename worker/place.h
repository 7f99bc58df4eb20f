// A worker's place in the world: which slot of the scoreboard it writes to, who its supervisor is,
// and what name it claims jobs under. Without a supervisor it stands alone, for a debugger.
#pragma once

#include <string>

#include "common/async/task.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "worker/shutdown.h"

namespace ryumem {

class Place {
 public:
  /// Reads RYUMEM_SLOT, RYUMEM_SUPERVISOR_PID and RYUMEM_OWNER, attaches the scoreboard (file
  /// descriptor 4), and asks the kernel for a SIGTERM when the supervisor dies. Throws
  /// Failure(Kind::system), also if the supervisor is gone already.
  explicit Place(const Environment& environment);

  Slot& slot() { return board_.slot(index_); }
  AccountTable& accounts() { return board_.accounts(); }
  /// Unique among all processes that ever claim from the same Redis.
  const std::string& owner() const { return owner_; }
  bool alone() const { return alone_; }
  /// The number of our slot.
  int index() const { return index_; }
  /// The supervisor wishes that no worker takes new jobs for now.
  bool supervisor_wants_quiet() const { return board_.quiet(); }

  /// Returns when the supervisor is gone, after beginning the shutdown, or with `cancel`.
  Task<> watch_supervisor(Shutdown& shutdown, Cancel& cancel);

 private:
  bool alone_;
  int index_;
  Scoreboard board_;
  std::string owner_;
};

}  // namespace ryumem
