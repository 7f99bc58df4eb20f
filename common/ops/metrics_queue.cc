// The metrics of the queue: what Redis knows, and what looking after it has done.
#include <iterator>

#include "common/ops/metric_family.h"

namespace ryumem {
namespace {

using prometheus::MetricType;

void queue_jobs(const MetricSource& from, MetricSamples& out) {
  out.add_known(from.own.pending, {{"state", "pending"}});
  out.add_known(from.own.processing, {{"state", "processing"}});
  out.add_known(from.own.delayed, {{"state", "delayed"}});
  out.add_known(from.own.parked, {{"state", "parked"}});
  out.add_known(from.own.dead, {{"state", "dead"}});
}

void oldest_pending(const MetricSource& from, MetricSamples& out) {
  out.add_known(from.own.oldest_pending);
}

void untold(const MetricSource& from, MetricSamples& out) { out.add_known(from.own.untold); }

void paused(const MetricSource& from, MetricSamples& out) { out.add(from.own.paused ? 1 : 0); }

void taken_back(const MetricSource& from, MetricSamples& out) {
  for (const TakenBackFrom whom : all_of<TakenBackFrom>())
    out.add(static_cast<double>(from.own.care.taken_back[static_cast<std::size_t>(whom)]),
            label("from", whom));
}

void poisoned(const MetricSource& from, MetricSamples& out) {
  out.add(static_cast<double>(from.own.care.poisoned));
}

void promoted(const MetricSource& from, MetricSamples& out) {
  out.add(static_cast<double>(from.own.care.promoted));
}

void unparked(const MetricSource& from, MetricSamples& out) {
  out.add(static_cast<double>(from.own.care.unparked));
}

void fleet(const MetricSource& from, MetricSamples& out) {
  out.add_known(from.own.fleet_heard, {{"state", "heard"}});
  out.add_known(from.own.fleet_silent, {{"state", "silent"}});
}

void redis_up(const MetricSource& from, MetricSamples& out) { out.add(from.own.redis_up ? 1 : 0); }

constexpr MetricFamilyRow kRows[] = {
    {"ryumem_queue_jobs", MetricType::Gauge, "state",
     "Jobs in Redis by state; absent while Redis cannot be asked.", queue_jobs},
    {"ryumem_oldest_pending_job_age_seconds", MetricType::Gauge, "",
     "Age of the job that has waited longest, from when it was made; 0 while none waits, absent "
     "while it is not known.",
     oldest_pending},
    {"ryumem_untold_dead_jobs", MetricType::Gauge, "",
     "Dead jobs that the server has still to be told of; absent while Redis cannot be asked.",
     untold},
    {"ryumem_paused", MetricType::Gauge, "",
     "1 while an operator's pause holds the workers of this supervisor.", paused},
    {"ryumem_taken_back_jobs_total", MetricType::Counter, "from",
     "Jobs put back into the queue because their worker was gone, by whom they were taken from.",
     taken_back},
    {"ryumem_poison_jobs_total", MetricType::Counter, "",
     "Jobs buried because too many workers died with them in hand.", poisoned},
    {"ryumem_promoted_jobs_total", MetricType::Counter, "",
     "Delayed jobs that went back to the queue when they were due.", promoted},
    {"ryumem_unparked_jobs_total", MetricType::Counter, "",
     "Parked jobs that went back to the queue when they might go on.", unparked},
    {"ryumem_fleet_supervisors", MetricType::Gauge, "state",
     "Supervisors that work this queue: \"heard\" said something in the last ten seconds, "
     "\"silent\" "
     "did so in the last quarter of an hour only; absent while Redis cannot be asked.",
     fleet},
    {"ryumem_redis_up", MetricType::Gauge, "", "1 while the supervisor is connected to Redis.",
     redis_up},
};

}  // namespace

MetricTable queue_metrics() { return {"The queue", std::begin(kRows), std::end(kRows)}; }

}  // namespace ryumem
