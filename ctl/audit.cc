// ryumemctl audit: its arguments, and what it prints.
#include "common/queue/audit.h"

#include <fmt/format.h>

#include "common/base/json_build.h"
#include "common/base/text.h"
#include "ctl/print.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(  ryumemctl audit [--repair] [--json]
      Is every job in exactly one place? Looks while others work on, and lists what is wrong: ids in
      two places or twice in one, without a body, bodies without a place, owners and leases and
      journals and dead letters that do not belong together, keys of the wrong type.
      What is found is looked at again two seconds later, and listed only if it is still so.
      --repair  mend what can be mended without losing a job, and say what was done
      Exit 0: nothing is wrong (any more); 1: findings are left.
)";

// Longer than a worker is between two steps of its own.
constexpr Millis kGrace{2000};

std::string in_text(const AuditReport& report) {
  std::string out;
  for (const Finding& finding : report.findings)
    out += fmt::format(
        "{}: {} ({})\n    {}: {}\n", one_line(finding.id, kIdLength), one_line(finding.what, 300),
        finding.code,
        finding.mended ? "mended" : (finding.mendable ? "--repair would" : "not mended here"),
        finding.remedy);
  out += fmt::format(
      "{} pending, {} processing ({} with an owner), {} delayed, {} parked, {} dead; {} bodies, {} "
      "journals, "
      "{} dead letters; {} looked at one by one\n",
      report.pending, report.processing, report.ours, report.delayed, report.parked, report.dead,
      report.bodies, report.journals, report.letters, report.looked_at);
  const auto found = static_cast<std::int64_t>(report.findings.size());
  if (found == 0) return out + "every job is in exactly one place\n";
  return out + fmt::format("{}, {} mended, {} left\n", counted(found, "finding"),
                           found - report.left(), report.left());
}

std::string in_json(const AuditReport& report) {
  JsonBuilder findings = JsonBuilder::array();
  for (const Finding& finding : report.findings) {
    JsonBuilder entry = JsonBuilder::object();
    entry.string("id", well_formed(finding.id))
        .string("code", finding.code)
        .string("what", well_formed(finding.what))
        .string("remedy", finding.remedy)
        .boolean("mendable", finding.mendable)
        .boolean("mended", finding.mended);
    findings.push(std::move(entry));
  }
  JsonBuilder figures = JsonBuilder::object();
  figures.integer("pending", report.pending)
      .integer("processing", report.processing)
      .integer("processing_with_owner", report.ours)
      .integer("delayed", report.delayed)
      .integer("parked", report.parked)
      .integer("dead", report.dead)
      .integer("bodies", report.bodies)
      .integer("journals", report.journals)
      .integer("dead_letters", report.letters)
      .integer("looked_at", report.looked_at)
      .integer("findings", static_cast<std::int64_t>(report.findings.size()))
      .integer("left", report.left());
  JsonBuilder whole = JsonBuilder::object();
  whole.boolean("clean", report.left() == 0)
      .add("findings", std::move(findings))
      .add("figures", std::move(figures));
  return whole.print() + "\n";
}

class AuditVerb final : public Verb {
 public:
  explicit AuditVerb(Arguments arguments) {
    while (!arguments.empty()) {
      const std::string& word = arguments.next();
      if (word == "--repair")
        repair_ = true;
      else if (word == "--json")
        json_ = true;
      else
        Arguments::refuse(word);
    }
  }

  Task<int> run(Session& session) override {
    co_await session.reach_redis();
    Audit audit(session.queue, session.redis, kGrace);
    const AuditReport report = co_await audit.run(repair_, session.cancel);
    fmt::print("{}", json_ ? in_json(report) : in_text(report));
    co_return report.left() == 0 ? 0 : 1;
  }

 private:
  bool repair_ = false;
  bool json_ = false;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment&) {
  return std::make_unique<AuditVerb>(std::move(arguments));
}

}  // namespace

VerbEntry audit_verb() { return {"audit", kHelp, read}; }

}  // namespace ryumem
