// What /metrics tells: one table of metric families, read from the scoreboard and from what the
// supervisor knows by itself at the moment somebody asks. The table is in metrics.cc; prometheus'
// headers stay there, too.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/ops/scoreboard.h"
#include "common/ops/spending.h"

namespace ryumem {

/// Why a worker had to be replaced: it ended by itself or was killed, could not be started, was
/// silent for too long; or it had done its jobs, was old or big, or was to get a new configuration.
enum class Replaced { exit, signal, spawn_failure, hang, jobs, age, memory, reload, count };
std::string_view name(Replaced);

/// How many workers had to be replaced, by Replaced.
using Replacements = std::array<std::uint64_t, static_cast<std::size_t>(Replaced::count)>;

/// The signals that the supervisor obeys.
enum class Signal { term, interrupt, hangup, user1, terminal_stop, resume, more, fewer, count };
/// As kill -l names it: "TERM".
std::string_view name(Signal);

/// How often each came, by Signal.
using SignalCounts = std::array<std::uint64_t, static_cast<std::size_t>(Signal::count)>;

/// From whom jobs were taken back.
enum class TakenBackFrom { dead_worker, expired_lease, peer, count };
std::string_view name(TakenBackFrom);

/// What looking after the queue has done.
struct CareFigures {
  std::array<std::int64_t, static_cast<std::size_t>(TakenBackFrom::count)> taken_back{};
  std::int64_t poisoned = 0;        // buried after too many crashes
  std::int64_t calls_in_doubt = 0;  // paid calls under way at a crash
  std::int64_t promoted = 0;        // delayed jobs that were due
  std::int64_t unparked = 0;        // parked jobs that may go on

  CareFigures() = default;
};

/// What is not in the scoreboard.
struct SupervisorFigures {
  Replacements replacements{};
  SignalCounts signals{};
  int workers_wanted = 0;
  bool degraded = false;          // some worker dies again and again
  bool reload_successful = true;  // the last reading of the configuration, the first one included
  double reloaded_at = 0;         // when one was last successful; seconds since the epoch
  std::uint64_t orphans = 0;  // processes that were none of our workers and ended as our children
  bool redis_up = false;
  std::optional<std::int64_t> pending;     // nothing: not known now, and so not shown
  std::optional<std::int64_t> processing;  // likewise
  std::optional<std::int64_t> delayed;     // likewise
  std::optional<std::int64_t> dead;        // likewise
  std::optional<std::int64_t> untold;      // likewise
  std::optional<std::int64_t> parked;      // likewise
  std::optional<SpentToday> spent;         // likewise
  Caps caps;
  CareFigures care;
  double started_at = 0;  // seconds since the epoch

  SupervisorFigures() = default;
};

/// What the slot says about its worker; a value that is no state counts as stopped.
WorkerState state_of(const Slot& slot);

/// All families in the Prometheus text format. `now_ns`: CLOCK_MONOTONIC, for the age of
/// heartbeats.
std::string metrics_text(const Scoreboard& board, const SupervisorFigures& figures,
                         std::uint64_t now_ns);

/// The Content-Type that goes with it.
inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace ryumem
