// The tables of metrics, their page, and what promtool says of the whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "common/base/text.h"
#include "common/ops/metrics.h"
#include "tests/common/ops/exposition.h"
#include "tests/support/child_process.h"
#include "tests/support/test_data.h"

namespace ryumem {
namespace {

using testing::HasSubstr;

constexpr Millis kPatience{30'000};

// Something of every family.
std::string everything(Scoreboard& board) {
  board.slot(0).state.store(static_cast<std::uint64_t>(WorkerState::ready));
  AccountRow& row = board.accounts().of("openai", "gpt-6-luna", "chat", "acme");
  row.refuse(429);
  SupervisorFigures figures;
  figures.pending = figures.processing = figures.delayed = figures.dead = 1;
  figures.untold = figures.parked = 1;
  figures.fleet_heard = figures.fleet_silent = 1;
  figures.oldest_pending = 1.5;
  figures.spent.emplace();
  figures.caps.all_usd = figures.caps.customer_usd = 1'000'000'000;
  figures.caps.all_tokens = figures.caps.customer_tokens = 1'000;
  figures.memory.emplace_back(0, 40'000'000);
  return metrics_text(board, figures, 1);
}

// The labels of a sample as it is written, in their order.
std::string labels_of(const std::string& sample) {
  std::string out;
  const std::size_t brace = sample.find('{');
  if (brace == std::string::npos) return out;
  for (const std::string& pair : split(sample.substr(brace + 1, sample.size() - brace - 2), ',')) {
    const std::string label = pair.substr(0, pair.find('='));
    if (label != "le") out += (out.empty() ? "" : ",") + label;
  }
  return out;
}

TEST(MetricsPage, IsWhatTheTablesSay) {
  EXPECT_EQ(test::read_file(test::test_data("../docs/metrics.md")), metrics_page())
      << "make it anew with: ryumemd --print-metrics > docs/metrics.md";
}

TEST(MetricsPage, HasEveryFamilyOfMetricsWithTheLabelsThatItHas) {
  Scoreboard board = Scoreboard::create(1);
  const test::Exposition told = test::read_exposition(everything(board));
  EXPECT_THAT(told.faults, testing::IsEmpty());
  std::map<std::string, std::set<std::string>> labels;
  for (const auto& [sample, value] : told.samples)
    labels[sample.substr(0, sample.find('{'))].insert(labels_of(sample));
  EXPECT_EQ(metric_facts().size(), told.families.size());
  for (const MetricFacts& facts : metric_facts()) {
    ASSERT_EQ(told.families.count(facts.name), 1u) << facts.name;
    EXPECT_EQ(told.families.at(facts.name).type, facts.type);
    EXPECT_EQ(told.families.at(facts.name).help, facts.help);
    std::string expected;
    for (const auto& [label, values] : facts.labels)
      expected += (expected.empty() ? "" : ",") + label;
    const std::string name = facts.type == "histogram" ? facts.name + "_bucket" : facts.name;
    EXPECT_EQ(labels[name], std::set<std::string>{expected}) << facts.name;
  }
}

TEST(MetricsPage, NamesTheValuesOfLabelsThatAreAlwaysTheSame) {
  EXPECT_THAT(metrics_page(), HasSubstr("| `ryumem_queue_jobs` | gauge | `state`: pending, "
                                        "processing, delayed, parked, dead |"));
  EXPECT_THAT(metrics_page(), HasSubstr("`call`: chat, embed, entity_upsert"));
}

TEST(Metrics, HaveNothingThatPromtoolComplainsOf) {
  Scoreboard board = Scoreboard::create(1);
  const test::TempDir folder;
  const std::string file = folder.write("metrics", everything(board));
  test::ChildProcess promtool({"sh", "-c", "exec promtool check metrics <" + file});
  EXPECT_EQ(promtool.wait(kPatience), 0) << promtool.out() << promtool.err();
  EXPECT_EQ(promtool.out() + promtool.err(), "");
}

}  // namespace
}  // namespace ryumem
