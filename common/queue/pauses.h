// What an operator has told the fleet not to claim jobs for. It is kept in Redis, so every worker
// on every host obeys, and a restart changes nothing. Jobs stay where they are meanwhile; those in
// hand are finished. A Python worker knows nothing of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/json_build.h"
#include "common/ops/options.h"
#include "common/queue/queue.h"

namespace ryumem {

struct Pause {
  std::string what;  // "all", or the name of a provider
  std::string by;
  std::string why;      // may be empty
  std::int64_t at = 0;  // ms of Redis' clock

  Pause() = default;
  /// "all jobs are paused by ada@db1 since 2026-11-23T14:24:31Z: the database moves"
  std::string text() const;
};

/// The pause of everything.
inline constexpr const char* kEverything = "all";

class Pauses {
 public:
  /// `queue` outlives it. All functions throw as Queue::run does.
  explicit Pauses(Queue& queue) : queue_(queue) {}

  /// All that is paused, in the order of the names.
  Task<std::vector<Pause>> list(Cancel& cancel);
  /// Takes effect with the next claim of any worker. False if it was paused already: who and why
  /// are the new ones then.
  Task<bool> set(const Pause& pause, Cancel& cancel);
  /// False if it was not paused.
  Task<bool> lift(std::string what, Cancel& cancel);

 private:
  Queue& queue_;
};

/// What a process with these settings claims jobs for: a pause of one of these names holds it.
std::vector<std::string> pausable_by(const Settings& settings);

/// [{"what","by","at","why"}], `at` in ms since 1970.
JsonBuilder pauses_as_json(const std::vector<Pause>& pauses);

/// The first pause that holds a process which claims jobs for `names`; null if none does.
const Pause* holding(const std::vector<Pause>& pauses, const std::vector<std::string>& names);

}  // namespace ryumem
