// A real Prometheus that scrapes a ryumemd at work.
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "tests/common/ops/exposition.h"
#include "tests/supervisor/host.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::Host;
using test::http_get;
using test::kPatience;
using test::wait_until;

class Prometheus {
 public:
  explicit Prometheus(int target)
      : port_(test::free_port()),
        process_({"prometheus", "--config.file=" + configuration(target),
                  "--storage.tsdb.path=" + folder_.file("data"),
                  "--web.listen-address=127.0.0.1:" + std::to_string(port_)}) {}

  /// The value of the one series that the query gives; NaN if there is none, or no answer.
  double ask(const std::string& query) {
    const std::string body = http_get(port_, "/api/v1/query?query=" + percent_encode(query)).body;
    const std::size_t from = body.find("\"value\":[");
    if (from == std::string::npos) return std::numeric_limits<double>::quiet_NaN();
    const std::size_t quote = body.find(",\"", from);
    return std::strtod(body.c_str() + quote + 2, nullptr);
  }
  std::string log() const { return process_.err(); }

 private:
  std::string configuration(int target) {
    return folder_.write("prometheus.yml",
                         "scrape_configs:\n  - job_name: ryumemd\n    scrape_interval: 1s\n"
                         "    static_configs:\n      - targets: ['127.0.0.1:" +
                             std::to_string(target) + "']\n");
  }
  test::TempDir folder_;
  int port_;
  test::ChildProcess process_;
};

class Scraping : public test::WorkerTest {};

TEST_F(Scraping, APrometheusHasTheFiguresOfWhatHappened) {
  Host host(redis, sandbox);
  ASSERT_TRUE(host.ready()) << host.process().err();
  Prometheus prometheus(host.port());
  ASSERT_TRUE(wait_until(kPatience, [&] { return prometheus.ask("up") == 1; })) << prometheus.log();
  for (const char* id : {"a", "b", "c"}) put(id);
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return prometheus.ask("ryumem_jobs_total{outcome=\"completed\"}") == 3;
  })) << prometheus.log();
  EXPECT_EQ(prometheus.ask("ryumem_attempt_duration_seconds_count"), 3);
  EXPECT_EQ(prometheus.ask("ryumem_ready"), 1);
  EXPECT_GT(prometheus.ask("ryumem_worker_resident_memory_bytes{of=\"all\"}"), 1e6);
  EXPECT_GT(prometheus.ask("histogram_quantile(0.95, ryumem_attempt_duration_seconds_bucket)"), 0);
  // All that a scrape tells is taken: Prometheus counts the samples itself.
  EXPECT_GE(prometheus.ask("scrape_samples_scraped"), 300);
  EXPECT_EQ(prometheus.ask("scrape_samples_scraped - scrape_samples_post_metric_relabeling"), 0);
}

// Four of the jobs fit into the worker's hands; the others wait.
class UnderLoad : public test::WorkerTest {
 protected:
  void put_old(const std::string& id, const std::string& created_at) {
    Job job = test::episode_job(id);
    job.created_at = created_at;
    redis.ask({"SET", "ryumem:job:" + id, new_body(job), "EX", "86400"});
    redis.ask({"LPUSH", "ryumem:extraction_jobs", id});
  }
  static double age_of(const char* timestamp) {
    return static_cast<double>(std::time(nullptr)) -
           static_cast<double>(*timestamp_ms(timestamp)) / 1000;
  }
};

TEST_F(UnderLoad, TheOldestPendingJobAndTheDelayFromClaimToStartAreRight) {
  constexpr const char* kInHand = "2026-01-01T00:00:00.000000";
  constexpr const char* kWaits = "2026-03-01T00:00:00.000000";
  Host host(redis, sandbox);
  ASSERT_TRUE(host.ready()) << host.process().err();
  EXPECT_TRUE(wait_until(
      kPatience, [&] { return host.metrics().at("ryumem_oldest_pending_job_age_seconds") == 0; }));
  sandbox.inject(R"({"path":"/api/chat","hang":true})");
  for (int i = 0; i < 4; ++i) put_old("first-" + std::to_string(i), kInHand);
  ASSERT_TRUE(calls_come("/api/chat", 4)) << host.process().err();
  put_old("next", kWaits);
  for (int i = 0; i < 40; ++i) put("later-" + std::to_string(i));
  EXPECT_TRUE(wait_until(kPatience, [&] {
    const test::Exposition metrics = host.metrics();
    return metrics.at("ryumem_queue_jobs{state=\"pending\"}") == 41 &&
           std::abs(metrics.at("ryumem_oldest_pending_job_age_seconds") - age_of(kWaits)) < 60;
  })) << host.metrics().at("ryumem_oldest_pending_job_age_seconds");
  // Started are those in hand, however long they go on; those that wait are not claimed.
  EXPECT_EQ(host.metrics().at("ryumem_claim_to_start_seconds_count"), 4);
  EXPECT_EQ(host.metrics().at("ryumem_claimed_jobs_total"), 4);
  EXPECT_EQ(host.metrics().at("ryumem_jobs_in_step{step=\"extract_entities\"}"), 4);
  EXPECT_LT(host.metrics().at("ryumem_claim_to_start_seconds_sum"), 4 * 30);
  sandbox.heal();
  EXPECT_TRUE(wait_until(kPatience, [&] {
    const test::Exposition metrics = host.metrics();
    return metrics.at("ryumem_claim_to_start_seconds_count") >= 45 &&
           metrics.at("ryumem_jobs_total{outcome=\"completed\"}") == 45 &&
           metrics.at("ryumem_oldest_pending_job_age_seconds") == 0;
  })) << host.process().err();
}

}  // namespace
}  // namespace ryumem
