#include "common/ops/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/ops/metric_family.h"

namespace ryumem {
namespace {

std::vector<MetricTable> all_tables() {
  return {queue_metrics(), job_metrics(), model_metrics(), pool_metrics()};
}

prometheus::MetricFamily collect(const MetricFamilyRow& row, const MetricSource& source) {
  prometheus::MetricFamily family{row.name, row.help, row.type, {}};
  MetricSamples samples(row.type, family.metric);
  row.fill(source, samples);
  return family;
}

const char* type_name(prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) return "counter";
  return type == prometheus::MetricType::Histogram ? "histogram" : "gauge";
}

// Everything that is known at all is known here, so that every value of a label shows.
SupervisorFigures with_all_known() {
  SupervisorFigures figures;
  figures.pending = figures.processing = figures.delayed = figures.dead = 0;
  figures.untold = figures.parked = 0;
  figures.spent.emplace();
  figures.caps.all_usd = figures.caps.customer_usd = 1;
  figures.caps.all_tokens = figures.caps.customer_tokens = 1;
  return figures;
}

// The values that a label has in `family`, in their order; none of those that differ from one
// installation to the other.
std::vector<std::string> values_of(const std::string& label,
                                   const prometheus::MetricFamily& family) {
  std::vector<std::string> values;
  if (label == "version" || label == "customer") return values;
  for (const prometheus::ClientMetric& sample : family.metric)
    for (const prometheus::ClientMetric::Label& at : sample.label)
      if (at.name == label && std::find(values.begin(), values.end(), at.value) == values.end())
        values.push_back(at.value);
  return values;
}

}  // namespace

std::string_view name(Replaced at) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Replaced::count)> words = {
      "exit", "signal", "spawn_failure", "hang", "jobs", "age", "memory", "reload"};
  return words[static_cast<std::size_t>(at)];
}

std::string_view name(Signal at) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Signal::count)> words = {
      "TERM", "INT", "HUP", "USR1", "TSTP", "CONT", "TTIN", "TTOU"};
  return words[static_cast<std::size_t>(at)];
}

std::string_view name(TakenBackFrom at) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(TakenBackFrom::count)> words = {
      "dead_worker", "expired_lease", "peer"};
  return words[static_cast<std::size_t>(at)];
}

WorkerState state_of(const Slot& slot) {
  const std::uint64_t state = slot.state.load();
  if (state >= static_cast<std::uint64_t>(WorkerState::count)) return WorkerState::stopped;
  return static_cast<WorkerState>(state);
}

std::uint64_t settled_jobs(const Slot& slot) {
  std::uint64_t sum = 0;
  for (int i = 0; i < static_cast<int>(Outcome::count); ++i)
    sum += slot.jobs[static_cast<Outcome>(i)].load();
  return sum;
}

std::string metrics_text(const Scoreboard& board, const SupervisorFigures& figures,
                         std::uint64_t now_ns) {
  const MetricSource source{board, figures, now_ns};
  std::vector<prometheus::MetricFamily> out;
  for (const MetricTable& table : all_tables())
    for (const MetricFamilyRow* row = table.begin; row != table.end; ++row) {
      prometheus::MetricFamily family = collect(*row, source);
      if (!family.metric.empty()) out.push_back(std::move(family));
    }
  return prometheus::TextSerializer().Serialize(out);
}

std::vector<MetricFacts> metric_facts() {
  const Scoreboard board = Scoreboard::create(1);
  const SupervisorFigures figures = with_all_known();
  const MetricSource source{board, figures, 0};
  std::vector<MetricFacts> out;
  for (const MetricTable& table : all_tables())
    for (const MetricFamilyRow* row = table.begin; row != table.end; ++row) {
      const prometheus::MetricFamily family = collect(*row, source);
      MetricFacts& facts = out.emplace_back();
      facts.group = table.title;
      facts.name = row->name;
      facts.type = type_name(row->type);
      facts.help = row->help;
      if (*row->labels == '\0') continue;
      for (const std::string& label : split(row->labels, ','))
        facts.labels.emplace_back(label, values_of(label, family));
    }
  return out;
}

}  // namespace ryumem
