// docs/metrics.md. What is written there of each metric comes from the tables; the words around
// them are here.
#include <fmt/format.h>

#include "common/ops/metrics.h"

namespace ryumem {
namespace {

constexpr const char* kBefore = R"(# Metrics

What `http://127.0.0.1:9464/metrics` tells Prometheus. This page is printed by `ryumemd --print-metrics`, from the
tables that the metrics themselves come from (`common/ops/metrics_*.cc`).

One supervisor answers for itself and all its workers; it goes on when they hang or die, and no counter goes backwards
then. The queue's figures are those of the whole fleet, since all supervisors ask the same Redis: take `max` over hosts,
not `sum`. No label has a process id or a job's id. A gauge that is not known at the moment is absent, not 0.

```yaml
scrape_configs:
  - job_name: ryumemd
    static_configs:
      - targets: ["127.0.0.1:9464"]
```

Useful questions:

| | |
|---|---|
| jobs a minute | `60 * sum(rate(ryumem_jobs_total{outcome="completed"}[5m]))` |
| how long jobs wait | `max(ryumem_oldest_pending_job_age_seconds)` |
| the slowest twentieth of attempts | `histogram_quantile(0.95, sum by (le) (rate(ryumem_attempt_duration_seconds_bucket[10m])))` |
| where their time goes | `sum by (step) (rate(ryumem_step_duration_seconds_sum[10m]))` |
| attempts that fail, and why | `sum by (kind) (rate(ryumem_attempt_failures_total[10m]))` |
| is anybody refused by the model | `sum by (provider, model, status) (rate(ryumem_model_refusals_total[10m]))` |
| dollars an hour | `3600 * sum(rate(ryumem_model_cost_usd_total[1h]))` |

The buckets of all histograms end at )";

std::string labels_text(const MetricFacts& facts) {
  std::string out;
  for (const auto& [label, values] : facts.labels) {
    out += fmt::format("{}`{}`", out.empty() ? "" : "; ", label);
    for (std::size_t i = 0; i < values.size(); ++i)
      out += fmt::format("{}{}", i == 0 ? ": " : ", ", values[i]);
  }
  return out.empty() ? "–" : out;
}

}  // namespace

std::string metrics_page() {
  std::string out = kBefore;
  for (std::size_t i = 0; i < kDurationBounds.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : ", ", kDurationBounds[i]);
  out += " seconds.\n";
  std::string group;
  for (const MetricFacts& facts : metric_facts()) {
    if (facts.group != group)
      out +=
          fmt::format("\n## {}\n\n| metric | type | labels | |\n|---|---|---|---|\n", facts.group);
    group = facts.group;
    out += fmt::format("| `{}` | {} | {} | {} |\n", facts.name, facts.type, labels_text(facts),
                       facts.help);
  }
  return out;
}

}  // namespace ryumem
