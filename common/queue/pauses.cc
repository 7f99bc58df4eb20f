#include "common/queue/pauses.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "common/base/json.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::size_t kLongest = 300;  // bytes of a name or a reason that are shown

Pause read_pause(const std::string& what, const std::string& note) {
  Pause pause;
  pause.what = what;
  try {
    const JsonDocument document = JsonDocument::parse(note);
    pause.by = document.root()["by"].string().value_or("");
    pause.why = document.root()["why"].string().value_or("");
    pause.at = document.root()["at"].integer().value_or(0);
  } catch (const Failure&) {
    pause.by = "somebody whose note cannot be read";  // it holds all the same
  }
  return pause;
}

}  // namespace

std::string Pause::text() const {
  std::string out = what == kEverything ? "all jobs" : "jobs for " + excerpt(what, kLongest);
  out += " are paused by " + excerpt(by, kLongest);
  if (at > 0)
    out += fmt::format(" since {:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time_t(at / 1000)));
  return why.empty() ? out : out + ": " + excerpt(why, kLongest);
}

Task<std::vector<Pause>> Pauses::list(Cancel& cancel) {
  const RedisReply reply = co_await queue_.run("pauses", std::vector<std::string>(), cancel);
  std::vector<Pause> pauses;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
    pauses.push_back(read_pause(reply.items[i].text, reply.items[i + 1].text));
  std::sort(pauses.begin(), pauses.end(),
            [](const Pause& a, const Pause& b) { return a.what < b.what; });
  co_return pauses;
}

Task<bool> Pauses::set(const Pause& pause, Cancel& cancel) {
  JsonBuilder note = JsonBuilder::object();
  note.string("by", pause.by).string("why", pause.why);
  std::vector<std::string> arguments = {pause.what, note.print()};
  const RedisReply reply = co_await queue_.run("pause", std::move(arguments), cancel);
  co_return reply.text == "1";
}

Task<bool> Pauses::lift(std::string what, Cancel& cancel) {
  std::vector<std::string> arguments = {std::move(what)};
  const RedisReply reply = co_await queue_.run("resume", std::move(arguments), cancel);
  co_return reply.text == "1";
}

std::vector<std::string> pausable_by(const Settings& settings) {
  return {kEverything, settings.llm_provider, settings.embedding_provider};
}

JsonBuilder pauses_as_json(const std::vector<Pause>& pauses) {
  JsonBuilder list = JsonBuilder::array();
  for (const Pause& pause : pauses) {
    JsonBuilder entry = JsonBuilder::object();
    entry.string("what", excerpt(pause.what, kLongest))
        .string("by", excerpt(pause.by, kLongest))
        .integer("at", pause.at)
        .string("why", excerpt(pause.why, kLongest));
    list.push(std::move(entry));
  }
  return list;
}

const Pause* holding(const std::vector<Pause>& pauses, const std::vector<std::string>& names) {
  for (const Pause& pause : pauses)
    if (std::find(names.begin(), names.end(), pause.what) != names.end()) return &pause;
  return nullptr;
}

}  // namespace ryumem
