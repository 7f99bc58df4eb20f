// The metrics of the work on jobs: what workers count of it.
#include <iterator>

#include "common/ops/metric_family.h"

namespace ryumem {
namespace {

using prometheus::MetricType;

void jobs(const MetricSource& from, MetricSamples& out) {
  add_totals<Outcome>(
      from, out, "outcome", [](const Slot& slot) -> auto& { return slot.jobs; });
}

void jobs_by_step(const MetricSource& from, MetricSamples& out) {
  add_totals<Step>(
      from, out, "step", [](const Slot& slot) -> auto& { return slot.doing; });
}

void attempt_failures(const MetricSource& from, MetricSamples& out) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    const Kind kind = static_cast<Kind>(i);
    std::uint64_t sum = 0;
    for (int at = 0; at < from.board.slots(); ++at) sum += from.board.slot(at).of(kind).load();
    out.add(static_cast<double>(sum), label("kind", kind));
  }
}

void attempt_durations(const MetricSource& from, MetricSamples& out) {
  out.add_histogram(
      from, [](const Slot& slot) -> auto& { return slot.attempt; });
}

void claim_to_start(const MetricSource& from, MetricSamples& out) {
  out.add_histogram(
      from, [](const Slot& slot) -> auto& { return slot.claim_to_start; });
}

void step_durations(const MetricSource& from, MetricSamples& out) {
  for (const Step step : all_of<Step>())
    out.add_histogram(
        from, [&](const Slot& slot) -> auto& { return slot.of(step); }, label("step", step));
}

void upserted(const MetricSource& from, MetricSamples& out) {
  add_labelled(from, out, &Slot::entities, {{"what", "entity"}});
  add_labelled(from, out, &Slot::relationships, {{"what", "relationship"}});
}

constexpr MetricFamilyRow kRows[] = {
    {"ryumem_claimed_jobs_total", MetricType::Counter, "", "Jobs taken from the queue.",
     add_total<&Slot::claimed>},
    {"ryumem_jobs_total", MetricType::Counter, "outcome",
     "Attempts at jobs that were settled, by outcome.", jobs},
    {"ryumem_jobs_in_hand", MetricType::Gauge, "", "Jobs that workers are working on.",
     add_total<&Slot::jobs_in_hand>},
    {"ryumem_jobs_in_step", MetricType::Gauge, "step",
     "Jobs that workers are working on, by the step that they are in.", jobs_by_step},
    {"ryumem_attempt_failures_total", MetricType::Counter, "kind",
     "Attempts at jobs that failed, by kind of failure.", attempt_failures},
    {"ryumem_claim_to_start_seconds", MetricType::Histogram, "",
     "Time from the claim of a job to the beginning of its first step.", claim_to_start},
    {"ryumem_attempt_duration_seconds", MetricType::Histogram, "",
     "Time from the claim of a job to its settlement.", attempt_durations},
    {"ryumem_step_duration_seconds", MetricType::Histogram, "step",
     "Time that a step of the extraction took.", step_durations},
    {"ryumem_upserted_total", MetricType::Counter, "what",
     "Entities and relationships that the server has taken.", upserted},
    {"ryumem_leases_lost_total", MetricType::Counter, "",
     "Jobs whose lease ran out while a worker of ours had them.", add_total<&Slot::leases_lost>},
    {"ryumem_letters_told_total", MetricType::Counter, "",
     "Dead jobs that the server was told of, or will not be told of any more.",
     add_total<&Slot::letters_told>},
};

}  // namespace

MetricTable job_metrics() { return {"Jobs and their steps", std::begin(kRows), std::end(kRows)}; }

}  // namespace ryumem
