// The metrics of the processes: the workers, and the supervisor itself.
#include <algorithm>
#include <iterator>

#include "common/ops/metric_family.h"
#include "common/ops/version.h"

namespace ryumem {
namespace {

using prometheus::MetricType;

void workers(const MetricSource& from, MetricSamples& out) {
  for (const WorkerState state : all_of<WorkerState>()) {
    if (state == WorkerState::unused) continue;
    int count = 0;
    for (int i = 0; i < from.board.slots(); ++i) count += state_of(from.board.slot(i)) == state;
    out.add(count, label("state", state));
  }
}

void workers_wanted(const MetricSource& from, MetricSamples& out) {
  out.add(from.own.workers_wanted);
}

void worker_restarts(const MetricSource& from, MetricSamples& out) {
  for (const Replaced reason : all_of<Replaced>())
    out.add(static_cast<double>(from.own.replacements[static_cast<std::size_t>(reason)]),
            label("reason", reason));
}

void pool_degraded(const MetricSource& from, MetricSamples& out) {
  out.add(from.own.degraded ? 1 : 0);
}

void heartbeat_age(const MetricSource& from, MetricSamples& out) {
  std::optional<std::uint64_t> oldest;
  for (int i = 0; i < from.board.slots(); ++i) {
    if (!present(state_of(from.board.slot(i)))) continue;
    const std::uint64_t beat = from.board.slot(i).beat_ns.load();
    oldest = std::max(oldest.value_or(0), from.now_ns > beat ? from.now_ns - beat : 0);
  }
  if (oldest) out.add(static_cast<double>(*oldest) / 1e9);
}

void heartbeat_limit(const MetricSource& from, MetricSamples& out) {
  out.add(from.own.heartbeat_limit);
}

void worker_memory(const MetricSource& from, MetricSamples& out) {
  std::int64_t all = 0, largest = 0;
  for (const auto& [slot, bytes] : from.own.memory) {
    all += bytes;
    largest = std::max(largest, bytes);
  }
  out.add(static_cast<double>(all), {{"of", "all"}});
  out.add(static_cast<double>(largest), {{"of", "largest"}});
}

void signals(const MetricSource& from, MetricSamples& out) {
  for (const Signal signal : all_of<Signal>())
    out.add(static_cast<double>(from.own.signals[static_cast<std::size_t>(signal)]),
            label("signal", signal));
}

void reload_successful(const MetricSource& from, MetricSamples& out) {
  out.add(from.own.reload_successful ? 1 : 0);
}

void reloaded_at(const MetricSource& from, MetricSamples& out) { out.add(from.own.reloaded_at); }

void orphans(const MetricSource& from, MetricSamples& out) {
  out.add(static_cast<double>(from.own.orphans));
}

void ready(const MetricSource& from, MetricSamples& out) { out.add(from.own.ready ? 1 : 0); }

void build_info(const MetricSource&, MetricSamples& out) {
  out.add(1, {{"version", std::string(program_version())}});
}

void start_time(const MetricSource& from, MetricSamples& out) { out.add(from.own.started_at); }

void own_memory(const MetricSource& from, MetricSamples& out) {
  out.add(static_cast<double>(from.own.own_memory));
}

constexpr MetricFamilyRow kRows[] = {
    {"ryumem_ready", MetricType::Gauge, "", "1 while /readyz says that jobs would be worked on.",
     ready},
    {"ryumem_workers", MetricType::Gauge, "state", "Worker slots by the state of their worker.",
     workers},
    {"ryumem_workers_wanted", MetricType::Gauge, "",
     "Workers that there should be: --workers, and what TTIN and TTOU made of it.", workers_wanted},
    {"ryumem_worker_restarts_total", MetricType::Counter, "reason",
     "Workers that had to be replaced, by how they ended.", worker_restarts},
    {"ryumem_pool_degraded", MetricType::Gauge, "", "1 while some worker dies again and again.",
     pool_degraded},
    {"ryumem_worker_heartbeat_age_seconds", MetricType::Gauge, "",
     "Time since the last heartbeat of the worker that has been silent longest.", heartbeat_age},
    {"ryumem_heartbeat_limit_seconds", MetricType::Gauge, "",
     "A worker that has been silent for so long is killed: --heartbeat-limit.", heartbeat_limit},
    {"ryumem_worker_resident_memory_bytes", MetricType::Gauge, "of",
     "Resident memory of all workers together, and of the largest.", worker_memory},
    {"ryumem_signals_total", MetricType::Counter, "signal", "Signals that the supervisor got.",
     signals},
    {"ryumem_config_last_reload_successful", MetricType::Gauge, "",
     "1 if the configuration that was read last is in force, 0 if it was refused.",
     reload_successful},
    {"ryumem_config_last_reload_success_timestamp_seconds", MetricType::Gauge, "",
     "When the configuration in force was read, in seconds since the Unix epoch.", reloaded_at},
    {"ryumem_orphans_reaped_total", MetricType::Counter, "",
     "Ended processes that were left to the supervisor and were none of its workers.", orphans},
    {"ryumem_build_info", MetricType::Gauge, "version", "Always 1; the label tells the version.",
     build_info},
    {"process_start_time_seconds", MetricType::Gauge, "",
     "Start of the supervisor, in seconds since the Unix epoch.", start_time},
    {"process_resident_memory_bytes", MetricType::Gauge, "", "Resident memory of the supervisor.",
     own_memory},
};

}  // namespace

MetricTable pool_metrics() { return {"The processes", std::begin(kRows), std::end(kRows)}; }

}  // namespace ryumem
