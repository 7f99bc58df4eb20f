#include "ctl/letter_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/json_build.h"
#include "ctl/print.h"

namespace ryumem {
namespace {

constexpr std::size_t kIdLength = 200;
constexpr std::size_t kCauseLength = 1200;

// What a body tells of a job without telling its content. The tenant's key is not among it.
constexpr const char* kPlain[] = {"episode_uuid", "user_id",     "customer_id",
                                  "created_at",   "retry_count", "max_retries"};
constexpr const char* kContent[] = {"content", "context"};

// Steps whose answers are text, then all steps that the journal knows.
constexpr const char* kAnswers[] = {"entities", "relationships"};
constexpr const char* kSteps[] = {"entities", "entity_vectors", "relationships", "fact_vectors",
                                  "reported"};

struct Attempt {
  int number = 0;
  std::string at;
  std::string kind;
  std::string cause;
  std::string token;
  Attempt() = default;
};

// What is left of a WholeLetter to be printed.
struct Portrait {
  std::vector<Attempt> attempts;
  std::vector<std::string> steps;
  std::int64_t entities = 0;  // upserted
  std::int64_t facts = 0;
  std::int64_t crashes = 0;
  bool readable = false;
  std::vector<std::pair<std::string, std::string>> job;      // field, value in words
  std::vector<std::pair<std::string, std::string>> content;  // field, text
  std::int64_t content_bytes = 0;
  Portrait() = default;
};

std::string words_of(JsonValue value) {
  if (const auto text = value.string()) return std::string(*text);
  if (const auto number = value.integer()) return std::to_string(*number);
  return "(" + std::string(value.type_name()) + ")";
}

Attempt read_attempt(const std::string& number, const std::string& record) {
  Attempt attempt;
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

void read_journal(const WholeLetter& letter, Portrait& portrait) {
  for (const auto& [field, value] : letter.journal) {
    if (field.rfind("attempt:", 0) == 0)
      portrait.attempts.push_back(read_attempt(field.substr(8), value));
    portrait.entities += field.rfind("uuid:", 0) == 0;
    portrait.facts += field.rfind("fact:", 0) == 0;
    if (field == "crashes") portrait.crashes = std::atoll(value.c_str());
  }
  std::sort(portrait.attempts.begin(), portrait.attempts.end(),
            [](const Attempt& a, const Attempt& b) { return a.number < b.number; });
  for (const char* step : kSteps)
    if (letter.journal.count(step) != 0) portrait.steps.emplace_back(step);
}

void read_body(const WholeLetter& letter, bool content, Portrait& portrait) {
  try {
    const JsonDocument document = JsonDocument::parse(letter.body);
    const JsonValue root = document.root();
    portrait.readable = root.type() == JsonValue::Type::object;
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

Portrait portrait_of(const WholeLetter& letter, bool content) {
  Portrait portrait;
  read_journal(letter, portrait);
  read_body(letter, content, portrait);
  if (!content) return portrait;
  for (const char* answer : kAnswers) {
    const auto found = letter.journal.find(answer);
    if (found != letter.journal.end())
      portrait.content.emplace_back(std::string("answer: ") + answer, found->second);
  }
  return portrait;
}

JsonBuilder as_json(const Letter& letter) {
  JsonBuilder entry = JsonBuilder::object();
  entry.string("id", well_formed(letter.id))
      .string("kind", well_formed(letter.kind))
      .string("cause", well_formed(letter.cause))
      .integer("attempts", letter.attempts)
      .string("at", as_time(letter.at))
      .string("told", well_formed(letter.told_in_words()));
  return entry;
}

std::string behind_it(const Portrait& portrait) {
  std::string out;
  for (const std::string& step : portrait.steps) out += (out.empty() ? "" : ", ") + step;
  out += fmt::format("{}{} entities and {} facts upserted", out.empty() ? "" : ", ",
                     portrait.entities, portrait.facts);
  return out;
}

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("{:<13} {}\n", name, one_line(value, kCauseLength));
}

}  // namespace

std::string letters_as_text(const std::vector<Letter>& letters) {
  std::string out = fmt::format("{:<20}  {:<12}  {:>8}  {:<4}  {:<36}  {}\n", "DIED", "KIND",
                                "ATTEMPTS", "TOLD", "ID", "CAUSE");
  for (const Letter& letter : letters) {
    const std::string told = letter.told_in_words();
    out += fmt::format("{:<20}  {:<12}  {:>8}  {:<4}  {:<36}  {}\n", as_time(letter.at),
                       one_line(letter.kind, 40), letter.attempts,
                       told == "yes" || told == "no" ? told : "n/a", one_line(letter.id, kIdLength),
                       one_line(letter.cause, 120));
  }
  return out;
}

std::string letters_as_json(const std::vector<Letter>& letters) {
  JsonBuilder entries = JsonBuilder::array();
  for (const Letter& letter : letters) entries.push(as_json(letter));
  JsonBuilder whole = JsonBuilder::object();
  whole.add("dead", std::move(entries));
  return whole.print() + "\n";
}

std::string letter_as_text(const WholeLetter& whole, bool content) {
  const Portrait portrait = portrait_of(whole, content);
  const Letter& letter = whole.letter;
  std::string out = line("job", letter.id) + line("kind", letter.kind) +
                    line("cause", letter.cause) + line("died", as_time(letter.at)) +
                    line("server told", letter.told_in_words());
  for (const Attempt& attempt : portrait.attempts)
    out += line(fmt::format("attempt {}", attempt.number),
                fmt::format("{}  {}: {}{}", attempt.at, attempt.kind, attempt.cause,
                            attempt.token.empty() ? "" : "  (" + attempt.token + ")"));
  if (portrait.crashes > 0) out += line("crashes", std::to_string(portrait.crashes));
  out += line("behind it", behind_it(portrait));
  for (const auto& [field, value] : portrait.job) out += line(field, value);
  if (!portrait.readable)
    out += line("body", fmt::format("cannot be read, {} bytes", whole.body.size()));
  else if (!content)
    out += line("content", fmt::format("{} bytes; --content shows it", portrait.content_bytes));
  for (const auto& [field, text] : portrait.content)
    out += fmt::format("--- {}\n{}\n", field, well_formed(text));
  return out;
}

std::string letter_as_json(const WholeLetter& whole, bool content) {
  const Portrait portrait = portrait_of(whole, content);
  JsonBuilder attempts = JsonBuilder::array();
  for (const Attempt& attempt : portrait.attempts) {
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
  JsonBuilder out = as_json(whole.letter);
  // Under another name: in a list "attempts" is how many there were.
  out.add("history", std::move(attempts))
      .integer("crashes", portrait.crashes)
      .add("behind_it", std::move(behind))
      .add("job", std::move(job));
  if (content) {
    JsonBuilder texts = JsonBuilder::object();
    for (const auto& [field, text] : portrait.content)
      texts.string(field.c_str(), well_formed(text));
    out.add("content", std::move(texts));
  }
  return out.print() + "\n";
}

}  // namespace ryumem
