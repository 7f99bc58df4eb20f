#include "sandbox/faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/failure.h"

namespace ryumem::sandbox {
namespace {

void set(Faults& faults, const std::string& json) {
  const JsonDocument document = JsonDocument::parse(json);
  faults.set(document.root());
}

std::string pattern(const std::string& rules) {
  Faults faults;
  set(faults, rules);
  std::string calls;
  for (int i = 0; i < 200; ++i)
    calls += faults.draw(Face::server, "/internal/x", "").status != 0 ? 'x' : '.';
  return calls;
}

TEST(SandboxFaults, FallTheSameWayForTheSameSeed) {
  const std::string rules = R"({"rules":[{"rate":0.3,"status":503}],"seed":)";
  EXPECT_EQ(pattern(rules + "7}"), pattern(rules + "7}"));
  EXPECT_NE(pattern(rules + "7}"), pattern(rules + "8}"));
}

TEST(SandboxFaults, ComeAboutAsOftenAsTheirRateSays) {
  const std::string calls = pattern(R"({"rules":[{"rate":0.3,"status":503}]})");
  const auto hits = std::count(calls.begin(), calls.end(), 'x');
  EXPECT_GT(hits, 35);
  EXPECT_LT(hits, 85);
}

TEST(SandboxFaults, MeetOnlyTheCallsTheyAreFor) {
  Faults faults;
  set(faults, R"({"rules":[{"face":"server","path":"/internal/entities","contains":"alice",
                            "status":500}]})");
  EXPECT_EQ(faults.draw(Face::server, "/internal/entities/upsert", "alice").status, 500);
  EXPECT_EQ(faults.draw(Face::model, "/internal/entities/upsert", "alice").status, 0);
  EXPECT_EQ(faults.draw(Face::server, "/internal/episodes", "alice").status, 0);
  EXPECT_EQ(faults.draw(Face::server, "/internal/entities/upsert", "bob").status, 0);
}

TEST(SandboxFaults, StopAfterTheirTimes) {
  EXPECT_EQ(pattern(R"({"rules":[{"times":3,"status":500}]})").find_last_of('x'), 2U);
}

TEST(SandboxFaults, LetTheFirstRuleThatDoesMoreThanDelayDecide) {
  Faults faults;
  set(faults, R"({"rules":[{"latency_ms":{"min":5,"max":5}},{"status":500,"times":1},
                           {"status":503}]})");
  const Fault first = faults.draw(Face::model, "/", "");
  EXPECT_EQ(first.status, 500);
  EXPECT_EQ(first.latency, Millis(5));
  EXPECT_EQ(first.words(), "latency 5 ms, status 500");
  EXPECT_EQ(faults.draw(Face::model, "/", "").status, 503);
}

TEST(SandboxFaults, SpreadLatencyAsAsked) {
  Faults faults;
  set(faults, R"({"rules":[{"latency_ms":{"p50":100,"p99":1000}}]})");
  int below_median = 0;
  int above_p99 = 0;
  for (int i = 0; i < 5000; ++i) {
    const Millis latency = faults.draw(Face::model, "/", "").latency;
    below_median += latency < Millis(100) ? 1 : 0;
    above_p99 += latency > Millis(1000) ? 1 : 0;
  }
  EXPECT_NEAR(below_median, 2500, 150);
  EXPECT_NEAR(above_p99, 50, 35);
  set(faults, R"({"rules":[{"latency_ms":{"min":10,"max":20}}]})");
  for (int i = 0; i < 100; ++i) {
    const Millis latency = faults.draw(Face::model, "/", "").latency;
    EXPECT_GE(latency, Millis(10));
    EXPECT_LE(latency, Millis(20));
  }
}

TEST(SandboxFaults, AreRefusedWhenARuleMakesNoSense) {
  Faults faults;
  set(faults, R"({"rules":[{"status":500}]})");
  for (const char* bad : {R"({})", R"({"rules":[{"statsu":500}]})", R"({"rules":[{"rate":2}]})",
                          R"({"rules":[{"malformed":"odd"}]})", R"({"rules":[{"face":"left"}]})",
                          R"({"rules":[{"latency_ms":{"min":5}}]})", R"({"rules":[7]})",
                          R"({"rules":[{"headers":{"A":"x\r\ny"}}]})", R"({"rules":[],"seed":-1})"})
    EXPECT_THROW(set(faults, bad), Failure) << bad;
  EXPECT_EQ(faults.draw(Face::server, "/", "").status, 500) << "the rules before stay in force";
}

TEST(SandboxFaults, AreTroubleInTheWordsOfAWire) {
  Faults faults;
  set(faults, R"({"rules":[{"trouble":"rate_limit","hint":"date","wait_ms":2500,"times":1}]})");
  const Fault fault = faults.draw(Face::model, "/api/chat", "");
  EXPECT_EQ(fault.complaint.trouble, Trouble::rate_limit);
  EXPECT_EQ(fault.complaint.hint, Hint::date);
  EXPECT_EQ(fault.complaint.wait, Millis(2500));
  EXPECT_EQ(fault.words(), "trouble rate_limit");
  EXPECT_TRUE(fault.before_work());
  for (const char* bad :
       {R"({"rules":[{"trouble":"odd"}]})", R"({"rules":[{"trouble":"none"}]})",
        R"({"rules":[{"trouble":"quota","hint":"odd"}]})", R"({"rules":[{"hint":"date"}]})",
        R"({"rules":[{"face":"server","trouble":"quota"}]})"})
    EXPECT_THROW(set(faults, bad), Failure) << bad;
}

TEST(SandboxFaults, ShowTheirRulesWithTheHits) {
  Faults faults;
  set(faults, R"({"rules":[{"status":500}],"seed":3})");
  faults.draw(Face::server, "/", "");
  const JsonDocument shown = JsonDocument::parse(faults.json());
  EXPECT_EQ(shown.root()["seed"].integer(), 3);
  EXPECT_EQ(shown.root()["rules"].items().at(0)["status"].integer(), 500);
  EXPECT_EQ(shown.root()["rules"].items().at(0)["hits"].integer(), 1);
  faults.clear();

  EXPECT_EQ(faults.draw(Face::server, "/", "").status, 0);
}

TEST(SandboxMalformed, SpoilsAnAnswerAsNamed) {
  const std::string json = R"({"entities":[{"entity":"Ä"}]})";
  EXPECT_EQ(spoil(Malformed::fence, json), "```json\n" + json + "\n```");
  EXPECT_EQ(spoil(Malformed::bare_array, json), R"([{"entity":"Ä"}])");
  EXPECT_EQ(spoil(Malformed::empty_object, json), "{}");
  EXPECT_EQ(spoil(Malformed::blank, json), "");
  EXPECT_EQ(spoil(Malformed::none, json), json);
  EXPECT_NE(spoil(Malformed::prose, json).find(json), std::string::npos);
  EXPECT_THROW(JsonDocument::parse(spoil(Malformed::truncated_json, json)), Failure);
}

}  // namespace
}  // namespace ryumem::sandbox
