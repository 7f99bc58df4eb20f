// One worker in its slot of the scoreboard: what it is started with, what it is asked for, what
// becomes of it. Who comes after it is not its business but the pool's.
#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include "common/ops/metrics.h"
#include "common/ops/scoreboard.h"
#include "supervisor/death.h"
#include "supervisor/worker_process.h"

namespace ryumem {

/// When a worker has served long enough; 0: never.
struct WearLimits {
  std::uint64_t jobs = 0;
  Seconds age{0};
  std::int64_t memory = 0;  // bytes
  WearLimits() = default;
};

class Occupant {
 public:
  /// Takes the slot and starts the process; `recipe` numbers the configuration it was started with,
  /// `luck` (0 to 1) takes up to a tenth off its limits of wear, so that workers that were started
  /// together do not go together. Throws Failure(Kind::system), and leaves the slot stopped.
  Occupant(Slot& slot, int index, const WorkerStart& start, std::string owner, std::uint64_t recipe,
           double luck);
  Occupant(const Occupant&) = delete;
  Occupant& operator=(const Occupant&) = delete;

  int index() const { return index_; }
  int pid() const { return process_->pid(); }
  const std::string& owner() const { return owner_; }
  std::uint64_t recipe() const { return recipe_; }
  Millis age() const;
  /// It lives, and says that it takes jobs or would if it might.
  bool up() const;
  bool has_ended() const { return process_->has_ended(); }
  bool asked_to_end() const { return asked_; }
  std::optional<Replaced> worn_out(const WearLimits& limits) const;

  /// Asks it to finish what it has in hand and end (TERM): once, whoever asks and however often,
  /// since a second TERM means hurry. `why` goes into its death record.
  void finish(std::string why) noexcept;
  /// Asks it to give back what it has in hand now.
  void hurry() noexcept;
  /// Has it open its log anew (USR1). To any: it is started with that signal blocked, and hears of
  /// it when it is ready to.
  void reopen_log() noexcept { process_->signal(SIGUSR1); }
  /// Only to one that is up: before, it may not know the signal yet, and die of it.
  void tell(int signal) noexcept;
  void kill() noexcept { process_->signal(SIGKILL); }

  /// It beats from its loop once a second. One that has not for `limit` is told to abort, for its
  /// stack and core, and a moment later killed.
  void look_at_heart(Millis limit) noexcept;
  bool beats(Millis limit) const;

  /// Waits for its end, vacates the slot and says how it was. Throws the reason of `cancel`.
  Task<Death> ended(Cancel& cancel);
  /// Did it die of what it did, rather than because it was asked to? Then its jobs are suspects.
  static bool crashed(const Death& death) {
    return death.ending.signal != 0 || death.ending.code != 0;
  }

 private:
  Millis silence() const;

  Slot& slot_;
  int index_;
  std::string owner_;
  std::uint64_t recipe_;
  double endurance_;
  std::uint64_t settled_before_;
  Monotonic::time_point born_;
  std::unique_ptr<WorkerProcess> process_;
  bool asked_ = false;
  bool hung_ = false;
  Monotonic::time_point told_to_abort_;
  std::string why_;
};

/// Empties a slot; `state`: stopped or unused.
void vacate(Slot& slot, WorkerState state) noexcept;

}  // namespace ryumem
