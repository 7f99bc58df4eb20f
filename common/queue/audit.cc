#include "common/queue/audit.h"

#include <algorithm>
#include <utility>

#include "common/async/timer.h"
#include "common/queue/census.h"

namespace ryumem {
namespace {

// Mending one thing may show another below it; more layers than this there are not.
constexpr int kMostMends = 12;

bool same(const Finding& one, const Finding& other) {
  return one.code == other.code && one.mark == other.mark;
}

bool holds(const std::vector<Finding>& findings, const Finding& finding) {
  return std::any_of(findings.begin(), findings.end(),
                     [&finding](const Finding& other) { return same(finding, other); });
}

}  // namespace

std::int64_t AuditReport::left() const {
  return std::count_if(findings.begin(), findings.end(),
                       [](const Finding& finding) { return !finding.mended; });
}

Audit::Audit(Queue& queue, Redis& redis, Millis grace)
    : queue_(queue), redis_(redis), grace_(grace) {}

Task<AuditReport> Audit::run(bool repair, Cancel& cancel) {
  AuditReport report;
  const Census census = co_await Census::take(redis_, queue_.keys(), cancel);
  report.findings = census.wrong_keys();
  if (!report.findings.empty()) co_return report;
  census.count(report);
  std::vector<std::string> suspects = census.suspects();
  report.looked_at = static_cast<std::int64_t>(suspects.size());
  report.findings = co_await confirmed(std::move(suspects), cancel);
  if (repair) co_await mend(report.findings, cancel);
  co_return report;
}

Task<std::vector<Finding>> Audit::look_at(std::string id, Cancel& cancel) {
  std::vector<std::string> arguments = {id, "", "", kWaiting};
  const RedisReply reply = co_await queue_.run("audit_one", std::move(arguments), cancel);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i + 4 < reply.items.size(); i += 5) {
    Finding finding;
    finding.id = id;
    finding.code = reply.items[i].text;
    finding.what = reply.items[i + 1].text;
    finding.remedy = reply.items[i + 2].text;
    finding.mendable = reply.items[i + 3].text == "1";
    finding.mark = reply.items[i + 4].text;
    findings.push_back(std::move(finding));
  }
  co_return findings;
}

Task<std::vector<Finding>> Audit::confirmed(std::vector<std::string> suspects, Cancel& cancel) {
  std::vector<std::vector<Finding>> first;
  for (const std::string& id : suspects) {
    std::vector<Finding> findings = co_await look_at(id, cancel);
    if (!findings.empty()) first.push_back(std::move(findings));
  }
  std::vector<Finding> all;
  if (first.empty()) co_return all;
  co_await Sleep(grace_, cancel);
  for (const std::vector<Finding>& before : first) {
    const std::vector<Finding> now = co_await look_at(before[0].id, cancel);
    for (const Finding& finding : now)
      if (holds(before, finding)) all.push_back(finding);
  }
  co_return all;
}

// One job after the other; the findings of a job stand together.
Task<> Audit::mend(std::vector<Finding>& findings, Cancel& cancel) {
  std::vector<Finding> outcome;
  for (std::size_t at = 0; at < findings.size();) {
    const std::string id = findings[at].id;
    std::vector<Finding> known;
    for (; at < findings.size() && findings[at].id == id; ++at) known.push_back(findings[at]);
    std::vector<Finding> still = known;
    for (int mends = 0; mends < kMostMends; ++mends) {
      const auto next = std::find_if(still.begin(), still.end(),
                                     [](const Finding& finding) { return finding.mendable; });
      if (next == still.end()) break;
      Finding finding = *next;
      finding.mended = co_await mend_one(finding, cancel);
      if (finding.mended) outcome.push_back(finding);
      const std::vector<Finding> seen = co_await look_at(id, cancel);
      // What shows now without a mark is so at any moment; with a mark it has to be an old one.
      still.clear();
      for (const Finding& other : seen)
        if (other.mark.empty() || holds(known, other)) still.push_back(other);
      if (!finding.mended && holds(still, finding)) break;
    }
    outcome.insert(outcome.end(), still.begin(), still.end());
  }
  findings = std::move(outcome);
}

Task<bool> Audit::mend_one(const Finding& finding, Cancel& cancel) {
  std::vector<std::string> arguments = {finding.id, finding.code, finding.mark, kWaiting};
  const RedisReply reply = co_await queue_.run("audit_one", std::move(arguments), cancel);
  co_return reply.text == "1";
}

}  // namespace ryumem
