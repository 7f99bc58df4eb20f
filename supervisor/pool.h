// The workers: one process per slot of the scoreboard, replaced when it dies, drained at the end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/async/cancel.h"
#include "common/async/scope.h"
#include "common/async/timer.h"
#include "common/ops/metrics.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "supervisor/lifeline.h"
#include "supervisor/worker_process.h"

namespace ryumem {

class Pool {
 public:
  struct Settings {
    std::string binary;
    Environment environment;  // of each worker; the pool adds the slot's own variables
    std::string owner;        // names this supervisor's workers in the tokens of their claims
    /// Called when a worker is no more, with the name it claimed jobs under, and whether it ended
    /// otherwise than by exit code 0. Must not throw.
    std::function<void(std::string owner, bool crashed)> ended;
    Millis heartbeat_limit{0};    // a worker silent for longer is killed; 0: never
    Millis good_service{60'000};  // a worker that lived so long starts its slot's backoff anew
    Settings(std::string the_binary, Environment variables)
        : binary(std::move(the_binary)), environment(std::move(variables)) {}
  };

  /// `board` must outlive the pool. Throws Failure(Kind::system).
  Pool(Scoreboard& board, Settings settings);

  /// Fills every slot, and keeps it filled until drain(). A worker that cannot be started is tried
  /// again, later and later, for ever.
  void start();

  /// Asks the workers to finish (SIGTERM), replaces none any more, and returns when all have ended.
  /// Those that have not after `limit` are killed. Call it once, also when start() was not called.
  Task<> drain(Millis limit);
  /// Asks those who drain once more: a worker then gives its jobs back at once.
  void hurry() noexcept;

  bool draining() const { return stopping_.requested(); }
  /// Workers that say they are ready.
  int ready() const;
  const Replacements& replacements() const { return replacements_; }

 private:
  Task<> keep_filled(int index);
  void occupy(Slot& slot) noexcept;
  void vacate(Slot& slot) noexcept;
  WorkerStart start_of(int index, const std::string& owner) const;
  void signal_all(int number) noexcept;
  void kill_stragglers() noexcept;
  void look_at_hearts() noexcept;

  Scoreboard& board_;
  Settings settings_;
  Lifeline lifeline_;
  std::vector<WorkerProcess*> running_;  // by slot; owned by its keep_filled(); null: nobody
  std::vector<Monotonic::time_point> hung_since_;  // by slot; the epoch: its heart beats
  Monotonic::time_point last_look_;
  Monotonic::time_point no_verdict_before_;
  Timer hearts_;
  Replacements replacements_{};
  Cancel stopping_;
  Scope slots_;
};

}  // namespace ryumem
