#include "ctl/portrait.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "ctl/print.h"

namespace ryumem {
namespace {

constexpr std::size_t kLineLength = 1200;

using Journal = std::map<std::string, std::string>;

// What a body tells of a job without telling its content. The tenant's key is not among it.
constexpr const char* kPlain[] = {"episode_uuid", "user_id",     "customer_id",
                                  "created_at",   "retry_count", "max_retries"};
constexpr const char* kContent[] = {"content", "context"};

// Steps whose answers are text, then all steps that the journal knows.
constexpr const char* kAnswers[] = {"entities", "relationships"};
constexpr const char* kSteps[] = {"entities", "entity_vectors", "relationships", "fact_vectors",
                                  "reported"};

std::string words_of(JsonValue value) {
  if (const auto text = value.string()) return std::string(*text);
  if (const auto number = value.integer()) return std::to_string(*number);
  return "(" + std::string(value.type_name()) + ")";
}

PastAttempt read_attempt(const std::string& number, const std::string& record) {
  PastAttempt attempt;
  attempt.number = std::atoi(number.c_str());
  try {
    const JsonDocument document = JsonDocument::parse(record);
    const JsonValue root = document.root();
    attempt.at = root["at"].string().value_or("?");
    attempt.kind = root["kind"].string().value_or("?");
    attempt.cause = root["cause"].string().value_or("?");
    attempt.token = root["token"].string().value_or("");
  } catch (const Failure&) {
    attempt.at = attempt.kind = "?";
    attempt.cause = "the record of it cannot be read";
  }
  return attempt;
}

// A step's answers are under its name, or several under its name, a colon and what they are about.
bool has_some_of(const Journal& journal, const std::string& step) {
  if (journal.count(step) != 0) return true;
  const auto next = journal.lower_bound(step + ":");
  return next != journal.end() && next->first.rfind(step + ":", 0) == 0;
}

void read_journal(const Journal& journal, Portrait& portrait) {
  for (const auto& [field, value] : journal) {
    if (field.rfind("attempt:", 0) == 0)
      portrait.attempts.push_back(read_attempt(field.substr(8), value));
    portrait.entities += field.rfind("uuid:", 0) == 0;
    portrait.facts += field.rfind("fact:", 0) == 0;
    if (field == "crashes") portrait.crashes = std::atoll(value.c_str());
    if (field == "asked") portrait.asked = value;
  }
  std::sort(portrait.attempts.begin(), portrait.attempts.end(),
            [](const PastAttempt& a, const PastAttempt& b) { return a.number < b.number; });
  for (const char* step : kSteps)
    if (has_some_of(journal, step)) portrait.steps.emplace_back(step);
}

void read_body(const std::string& body, bool content, Portrait& portrait) {
  try {
    const JsonDocument document = JsonDocument::parse(body);
    const JsonValue root = document.root();
    portrait.readable = root.type() == JsonValue::Type::object;
    portrait.status = root["status"].string().value_or("");
    for (const char* field : kPlain)
      if (root.has(field)) portrait.job.emplace_back(field, words_of(root[field]));
    portrait.content_bytes =
        static_cast<std::int64_t>(root["content"].string().value_or("").size());
    if (!content) return;
    for (const char* field : kContent)
      if (root.has(field)) portrait.content.emplace_back(field, words_of(root[field]));
  } catch (const Failure&) {
    // Said as "cannot be read"; the bytes themselves may hold a key, so they are not shown.
  }
}

std::string behind_it(const Portrait& portrait) {
  std::string out;
  for (const std::string& step : portrait.steps) out += (out.empty() ? "" : ", ") + step;
  out += fmt::format("{}{} entities and {} facts upserted", out.empty() ? "" : ", ",
                     portrait.entities, portrait.facts);
  return out;
}

}  // namespace

std::string Portrait::field(const std::string& name) const {
  for (const auto& [field, value] : job)
    if (field == name) return value;
  return "";
}

Portrait portrait_of(const std::string& body, const Journal& journal, bool content) {
  Portrait portrait;
  read_journal(journal, portrait);
  read_body(body, content, portrait);
  if (!content) return portrait;
  for (const char* answer : kAnswers) {
    const auto found = journal.find(answer);
    if (found != journal.end())
      portrait.content.emplace_back(std::string("answer: ") + answer, found->second);
  }
  return portrait;
}

std::string line_of(std::string_view name, std::string_view value) {
  return fmt::format("{:<13} {}\n", name, one_line(value, kLineLength));
}

std::string history_as_text(const Portrait& portrait) {
  std::string out;
  for (const PastAttempt& attempt : portrait.attempts)
    out += line_of(fmt::format("attempt {}", attempt.number),
                   fmt::format("{}  {}: {}{}", attempt.at, attempt.kind, attempt.cause,
                               attempt.token.empty() ? "" : "  (" + attempt.token + ")"));
  if (portrait.crashes > 0) out += line_of("crashes", std::to_string(portrait.crashes));
  return out + line_of("behind it", behind_it(portrait));
}

std::string fields_as_text(const Portrait& portrait, std::size_t body_bytes, bool content) {
  std::string out;
  for (const auto& [field, value] : portrait.job) out += line_of(field, value);
  if (!portrait.readable)
    out += line_of("body", fmt::format("cannot be read, {} bytes", body_bytes));
  else if (!content)
    out += line_of("content", fmt::format("{} bytes; --content shows it", portrait.content_bytes));
  for (const auto& [field, text] : portrait.content)
    out += fmt::format("--- {}\n{}\n", field, well_formed(text));
  return out;
}

void add_as_json(const Portrait& portrait, bool content, JsonBuilder& out) {
  JsonBuilder attempts = JsonBuilder::array();
  for (const PastAttempt& attempt : portrait.attempts) {
    JsonBuilder entry = JsonBuilder::object();
    entry.integer("number", attempt.number)
        .string("at", well_formed(attempt.at))
        .string("kind", well_formed(attempt.kind))
        .string("cause", well_formed(attempt.cause))
        .string("token", well_formed(attempt.token));
    attempts.push(std::move(entry));
  }
  JsonBuilder steps = JsonBuilder::array();
  for (const std::string& step : portrait.steps) steps.push_string(step);
  JsonBuilder behind = JsonBuilder::object();
  behind.add("steps", std::move(steps))
      .integer("entities", portrait.entities)
      .integer("facts", portrait.facts);
  JsonBuilder job = JsonBuilder::object();
  for (const auto& [field, value] : portrait.job) job.string(field.c_str(), well_formed(value));
  job.integer("content_bytes", portrait.content_bytes).boolean("readable", portrait.readable);
  out.add("history", std::move(attempts))
      .integer("crashes", portrait.crashes)
      .add("behind_it", std::move(behind))
      .add("job", std::move(job));
  if (!content) return;
  JsonBuilder texts = JsonBuilder::object();
  for (const auto& [field, text] : portrait.content) texts.string(field.c_str(), well_formed(text));
  out.add("content", std::move(texts));
}

}  // namespace ryumem
