// The end of a worker, as it is written down: for the log, the status and whoever asks why.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "supervisor/worker_process.h"

namespace ryumem {

struct Death {
  double at = 0;  // seconds since the epoch
  int slot = 0;   // of the scoreboard
  int pid = 0;    // 0: it could not even be started
  /// A word of Replaced, or "stopped" (with the supervisor) or "fewer" (one less was wanted).
  std::string reason;
  /// What happened, for people: how the process ended, or why there was none.
  std::string what;
  Ending ending;
  double uptime = 0;  // seconds
  std::uint64_t jobs_held = 0;

  Death() = default;
  /// "pid 812 killed by signal 9 (Killed) after 12.3 s with 2 jobs in hand; …".
  std::string text() const;
};

/// The last deaths, the latest at the end.
class Deaths {
 public:
  static constexpr std::size_t kMost = 50;

  void add(Death death);
  const std::deque<Death>& latest() const { return latest_; }

 private:
  std::deque<Death> latest_;
};

}  // namespace ryumem
