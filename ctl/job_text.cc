#include "ctl/job_text.h"

#include <fmt/format.h>

#include <cstdlib>

#include "ctl/portrait.h"
#include "ctl/print.h"

namespace ryumem {
namespace {

// What `when` of a row means in this state.
const char* head_of_when(const std::string& state) {
  if (state == "processing") return "LEASE UNTIL";
  if (state == "delayed") return "DUE";
  if (state == "parked") return "PARKED";
  if (state == "dead") return "DIED";
  return "";
}

const char* name_of_when(const std::string& state) {
  if (state == "processing") return "lease_until";
  if (state == "delayed") return "due";
  return state == "parked" ? "parked" : "died";
}

std::string holder(const std::string& owner) {
  return owner.empty() ? "a Python worker" : one_line(owner, kIdLength);
}

std::string seconds_from(const std::string& ms, std::int64_t now) {
  return fmt::format("{:.0f} s", (std::atof(ms.c_str()) - static_cast<double>(now)) / 1000.0);
}

// The cap that is reached, as who parked it wrote it down.
std::string why_parked(const WholeJob& job) {
  const auto why = job.journal.find("parked");
  return why == job.journal.end() ? "" : ": " + one_line(why->second, 200);
}

// Where it is, and until when.
std::string place_in_words(const WholeJob& job) {
  if (job.processing && job.owner.empty())
    return job.handled.empty()
               ? "processing, in the hands of a Python worker"
               : "processing, in the hands of a Python worker since " + as_time(job.handled);
  if (job.processing)
    return fmt::format("processing, in the hands of {}, lease for {}",
                       one_line(job.owner, kIdLength), seconds_from(job.lease, job.now));
  if (!job.position.empty())
    return job.position == "0" ? "pending, next" : "pending, behind " + job.position + " others";
  if (!job.due.empty())
    return fmt::format("delayed, due {} (in {})", as_time(job.due), seconds_from(job.due, job.now));
  if (!job.parked.empty()) return "parked since " + as_time(job.parked) + why_parked(job);
  if (!job.died.empty()) return "dead since " + as_time(job.died);
  return "in no list";
}

const std::string& body_of(const WholeJob& job) {
  const auto letter = job.letter.find("body");
  return letter != job.letter.end() ? letter->second : job.body;
}

std::string lifetime(const WholeJob& job) {
  if (job.body_type != "string") return "its key holds: " + job.body_type;
  if (job.body_seconds < 0) return fmt::format("{} bytes, kept", job.body.size());
  return fmt::format("{} bytes, for {} s more", job.body.size(), job.body_seconds);
}

std::string letter_field(const WholeJob& job, const char* field) {
  const auto found = job.letter.find(field);
  return found == job.letter.end() ? "" : found->second;
}

}  // namespace

std::string jobs_as_text(const JobPage& page, const JobFilter& filter) {
  const bool in_hand = filter.state == "processing";
  const bool timed = *head_of_when(filter.state) != '\0';
  std::string out = fmt::format("{:<36}  {:<20}  {:<20}  {:>8}  {:<26}", "ID", "CUSTOMER", "USER",
                                "ATTEMPTS", "CREATED");
  if (timed) out += fmt::format("  {:<20}", head_of_when(filter.state));
  out += in_hand ? "  OWNER\n" : "\n";
  for (const JobRow& row : page.rows) {
    out += fmt::format("{:<36}  {:<20}  {:<20}  {:>8}  {:<26}", one_line(row.id, kIdLength),
                       one_line(row.customer_id, 40), one_line(row.user_id, 40), row.attempts,
                       one_line(row.created_at, 40));
    if (timed) out += fmt::format("  {:<20}", row.when.empty() ? "" : as_time(row.when));
    out += in_hand ? "  " + holder(row.owner) + "\n" : "\n";
  }
  const auto shown = static_cast<std::int64_t>(page.rows.size());
  out += fmt::format("{} of {}{}{}\n", counted(shown, "job"), page.total, " ", filter.state);
  if (page.more) out += fmt::format("more: --offset {}\n", filter.offset + shown);
  return out;
}

std::string jobs_as_json(const JobPage& page, const JobFilter& filter) {
  JsonBuilder jobs = JsonBuilder::array();
  for (const JobRow& row : page.rows) {
    JsonBuilder entry = JsonBuilder::object();
    entry.string("id", well_formed(row.id))
        .string("customer_id", row.customer_id)
        .string("user_id", row.user_id)
        .string("created_at", row.created_at)
        .integer("attempts", row.attempts)
        .integer("body_bytes", row.bytes);
    if (!row.when.empty()) entry.string(name_of_when(filter.state), as_time(row.when));
    if (filter.state == "processing") entry.string("owner", well_formed(row.owner));
    jobs.push(std::move(entry));
  }
  JsonBuilder whole = JsonBuilder::object();
  whole.string("state", filter.state)
      .integer("total", page.total)
      .integer("offset", filter.offset)
      .boolean("more", page.more)
      .add("jobs", std::move(jobs));
  return whole.print() + "\n";
}

std::string job_as_text(const WholeJob& job, bool content) {
  const std::string& body = body_of(job);
  const Portrait portrait = portrait_of(body, job.journal, content);
  std::string out = line_of("job", job.id) + line_of("where", place_in_words(job));
  if (!portrait.status.empty()) out += line_of("status", portrait.status);
  if (!job.letter.empty())
    out += line_of("kind", letter_field(job, "kind")) +
           line_of("cause", letter_field(job, "cause")) +
           line_of("server told", job.untold ? "no" : letter_field(job, "told"));
  if (!portrait.asked.empty()) out += line_of("asking", portrait.asked);
  return out + line_of("body", lifetime(job)) + history_as_text(portrait) +
         fields_as_text(portrait, body.size(), content);
}

std::string job_as_json(const WholeJob& job, bool content) {
  const Portrait portrait = portrait_of(body_of(job), job.journal, content);
  JsonBuilder out = JsonBuilder::object();
  out.string("id", well_formed(job.id))
      .string("state", job.state())
      .string("status", well_formed(portrait.status));
  if (!job.position.empty()) out.integer("position", std::atoll(job.position.c_str()));
  if (job.processing) out.string("owner", well_formed(job.owner));
  if (!job.lease.empty()) out.string("lease_until", as_time(job.lease));
  if (!job.due.empty()) out.string("due", as_time(job.due));
  if (!job.parked.empty()) out.string("parked", as_time(job.parked));
  if (!job.died.empty()) out.string("died", as_time(job.died));
  if (!job.letter.empty())
    out.string("kind", well_formed(letter_field(job, "kind")))
        .string("cause", well_formed(letter_field(job, "cause")))
        .boolean("untold", job.untold);
  if (!portrait.asked.empty()) out.string("asking", well_formed(portrait.asked));
  out.integer("body_seconds", job.body_seconds);
  add_as_json(portrait, content, out);
  return out.print() + "\n";
}

}  // namespace ryumem
