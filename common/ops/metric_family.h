// What the tables of metric families (metrics_*.cc) are made of; for them and for metrics.cc only,
// since prometheus' headers come along.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/ops/metrics.h"
#include "common/ops/scoreboard.h"

namespace ryumem {

/// What the samples are made from.
struct MetricSource {
  const Scoreboard& board;
  const SupervisorFigures& own;
  std::uint64_t now_ns;
};

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

/// Where a family's function puts its samples.
class MetricSamples {
 public:
  MetricSamples(prometheus::MetricType type, std::vector<prometheus::ClientMetric>& out)
      : type_(type), out_(out) {}

  void add(double value, MetricLabels labels = {}) {
    prometheus::ClientMetric& sample = out_.emplace_back();
    sample.label = std::move(labels);
    if (type_ == prometheus::MetricType::Counter)
      sample.counter.value = value;
    else
      sample.gauge.value = value;
  }

  /// Nothing if it is not known.
  template <class Number>
  void add_known(const std::optional<Number>& value, MetricLabels labels = {}) {
    if (value) add(static_cast<double>(*value), std::move(labels));
  }

  /// `of` gives the Durations of a slot; all slots make one histogram. The count is the sum of the
  /// buckets, so that the two agree even while workers go on counting.
  template <class Of>
  void add_histogram(const MetricSource& from, Of of, MetricLabels labels = {}) {
    prometheus::ClientMetric& sample = out_.emplace_back();
    sample.label = std::move(labels);
    prometheus::ClientMetric::Histogram& histogram = sample.histogram;
    for (std::size_t i = 0; i <= kDurationBounds.size(); ++i) {
      for (int slot = 0; slot < from.board.slots(); ++slot)
        histogram.sample_count += of(from.board.slot(slot)).buckets[i].load();
      if (i < kDurationBounds.size())
        histogram.bucket.push_back({histogram.sample_count, kDurationBounds[i]});
    }
    for (int slot = 0; slot < from.board.slots(); ++slot)
      histogram.sample_sum += static_cast<double>(of(from.board.slot(slot)).sum_us.load()) / 1e6;
  }

 private:
  prometheus::MetricType type_;
  std::vector<prometheus::ClientMetric>& out_;
};

/// A row of a table.
struct MetricFamilyRow {
  const char* name;
  prometheus::MetricType type;
  const char* labels;  // their names, with a comma between
  const char* help;
  void (*fill)(const MetricSource&, MetricSamples&);
};

/// The rows about one matter, under a heading of docs/metrics.md.
struct MetricTable {
  const char* title;
  const MetricFamilyRow* begin;
  const MetricFamilyRow* end;
};

// metrics_queue.cc, metrics_jobs.cc, metrics_models.cc, metrics_pool.cc.
MetricTable queue_metrics();
MetricTable job_metrics();
MetricTable model_metrics();
MetricTable pool_metrics();

template <class Enum>
std::vector<Enum> all_of() {
  std::vector<Enum> out;
  for (int i = 0; i < static_cast<int>(Enum::count); ++i) out.push_back(static_cast<Enum>(i));
  return out;
}

template <class Enum>
MetricLabels label(const char* key, Enum value) {
  return {{key, std::string(name(value))}};
}

/// One sample for each value of an enumeration: the sum over all slots of the CountBy that `of`
/// gives.
template <class Enum, class Of>
void add_totals(const MetricSource& from, MetricSamples& out, const char* key, Of of) {
  for (const Enum value : all_of<Enum>()) {
    std::uint64_t sum = 0;
    for (int i = 0; i < from.board.slots(); ++i) sum += of(from.board.slot(i))[value].load();
    out.add(static_cast<double>(sum), label(key, value));
  }
}

/// One sample: the sum over all slots of a Count. `add_total<&Slot::claimed>` fits a row.
template <auto Member>
void add_total(const MetricSource& from, MetricSamples& out) {
  std::uint64_t sum = 0;
  for (int i = 0; i < from.board.slots(); ++i) sum += (from.board.slot(i).*Member).load();
  out.add(static_cast<double>(sum));
}

/// The same with labels.
template <class Member>
void add_labelled(const MetricSource& from, MetricSamples& out, Member member, MetricLabels with) {
  std::uint64_t sum = 0;
  for (int i = 0; i < from.board.slots(); ++i) sum += (from.board.slot(i).*member).load();
  out.add(static_cast<double>(sum), std::move(with));
}

}  // namespace ryumem
