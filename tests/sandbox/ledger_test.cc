#include "sandbox/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ryumem::sandbox {
namespace {

HttpQuery upsert(std::size_t numbers) {
  HttpQuery query;
  query.method = "POST";
  query.path = "/internal/entities/upsert";
  query.body = "{\"name\":\"a\",\"name_embedding\":[0";
  for (std::size_t i = 1; i < numbers; ++i) query.body += ",0.25";
  query.body += "]}";
  return query;
}

LedgerLimits limits(std::size_t entries, std::size_t bytes) {
  LedgerLimits made;
  made.entries = entries;
  made.bytes = bytes;
  return made;
}

Ledger::Filter with_vectors() {
  Ledger::Filter filter;
  filter.vectors = true;
  return filter;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(SandboxLedger, KeepsTheLastCallsOnly) {
  Ledger ledger(limits(3, 1U << 20));
  for (int i = 0; i < 5; ++i) ledger.finish(ledger.begin(Face::server, upsert(2)), 200, "{}", "");
  EXPECT_EQ(ledger.size(), 3U);
  const std::string lines = ledger.lines(Ledger::Filter());
  EXPECT_EQ(lines.find("{\"seq\":3,"), 0U) << lines;
}

TEST(SandboxLedger, LosesOldVectorsBeforeWholeCalls) {
  Ledger ledger(limits(1000, 40'000));
  for (int i = 0; i < 20; ++i)
    ledger.finish(ledger.begin(Face::server, upsert(1000)), 200, "{}", "");
  EXPECT_EQ(ledger.size(), 20U);
  const std::string lines = ledger.lines(with_vectors());
  EXPECT_EQ(count(lines, "\"name_embedding\":1000"), 20 - count(lines, "\"name_embedding\":["));
  EXPECT_GT(count(lines, "\"name_embedding\":["), 2U);
  EXPECT_LT(count(lines, "\"name_embedding\":["), 10U);
  EXPECT_EQ(lines.rfind("\"name_embedding\":[") > lines.rfind("\"name_embedding\":1000"), true);
}

TEST(SandboxLedger, SaysHowManyCallsWereUnderWay) {
  Ledger ledger{LedgerLimits()};
  const auto first = ledger.begin(Face::server, upsert(1));
  ledger.begin(Face::server, upsert(1));
  ledger.begin(Face::model, upsert(1));
  ledger.finish(first, 200, "", "");
  ledger.begin(Face::server, upsert(1));
  const std::string lines = ledger.lines(Ledger::Filter());
  EXPECT_EQ(count(lines, "\"in_flight\":1,"), 2U) << lines;
  EXPECT_EQ(count(lines, "\"in_flight\":2,"), 2U);
}

TEST(SandboxLedger, PassesOverTheEndOfACallThatItForgot) {
  Ledger ledger{LedgerLimits()};
  const auto old = ledger.begin(Face::server, upsert(1));
  ledger.clear();
  const auto fresh = ledger.begin(Face::server, upsert(1));
  ledger.finish(old, 500, "", "");
  ledger.finish(fresh, 200, "", "");
  EXPECT_EQ(ledger.lines(Ledger::Filter()).find("\"status\":500"), std::string::npos);
}

TEST(SandboxLedger, KeepsABodyThatIsNoJsonAsText) {
  Ledger ledger{LedgerLimits()};
  HttpQuery query = upsert(1);
  query.body = "not \"json\"\n";
  ledger.begin(Face::server, query);
  EXPECT_NE(ledger.lines(Ledger::Filter()).find(R"("body":"not \"json\"\n")"), std::string::npos);
}

}  // namespace
}  // namespace ryumem::sandbox
