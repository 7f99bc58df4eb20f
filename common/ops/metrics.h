// What /metrics tells: tables of metric families, read from the scoreboard and from what the
// supervisor knows by itself at the moment somebody asks. The tables are in metrics_*.cc; who only
// asks for the text sees nothing of prometheus' headers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  double heartbeat_limit = 0;     // seconds
  bool degraded = false;          // some worker dies again and again
  bool reload_successful = true;  // the last reading of the configuration, the first one included
  double reloaded_at = 0;         // when one was last successful; seconds since the epoch
  std::uint64_t orphans = 0;  // processes that were none of our workers and ended as our children
  bool ready = false;         // as /readyz says
  bool paused = false;        // an operator's pause holds our workers
  bool redis_up = false;
  std::optional<std::int64_t> pending;       // nothing: not known now, and so not shown
  std::optional<std::int64_t> processing;    // likewise
  std::optional<std::int64_t> delayed;       // likewise
  std::optional<std::int64_t> dead;          // likewise
  std::optional<std::int64_t> untold;        // likewise
  std::optional<std::int64_t> parked;        // likewise
  std::optional<double> oldest_pending;      // seconds; likewise
  std::optional<std::int64_t> fleet_heard;   // supervisors, this one included; likewise
  std::optional<std::int64_t> fleet_silent;  // likewise
  std::optional<SpentToday> spent;           // likewise
  Caps caps;
  CareFigures care;
  double started_at = 0;                             // seconds since the epoch
  std::vector<std::pair<int, std::int64_t>> memory;  // of workers: slot and bytes
  std::int64_t own_memory = 0;

  SupervisorFigures() = default;
};

/// What the slot says about its worker; a value that is no state counts as stopped.
WorkerState state_of(const Slot& slot);

/// Jobs that were settled in the slot, by whichever worker and with whatever outcome.
std::uint64_t settled_jobs(const Slot& slot);

/// All families in the Prometheus text format. `now_ns`: CLOCK_MONOTONIC, for the age of
/// heartbeats.
std::string metrics_text(const Scoreboard& board, const SupervisorFigures& figures,
                         std::uint64_t now_ns);

/// A family as its page tells it.
struct MetricFacts {
  std::string group;
  std::string name;
  std::string type;
  /// Each label, and its values where these are always the same.
  std::vector<std::pair<std::string, std::vector<std::string>>> labels;
  std::string help;

  MetricFacts() = default;
};

/// All families, in the order of /metrics.
std::vector<MetricFacts> metric_facts();

/// docs/metrics.md, made from the same tables.
std::string metrics_page();

/// The Content-Type that goes with it.
inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace ryumem
