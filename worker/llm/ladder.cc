#include "worker/llm/ladder.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/async/timer.h"
#include "common/base/json.h"
#include "common/base/json_build.h"

namespace ryumem {
namespace {

constexpr Seconds kHolds{86'400};
// Longer than any refusal takes, and no longer than a job can wait for nothing.
constexpr Millis kPatience{5000};
// So many broken promises one after the other are no accident.
constexpr std::size_t kMostBroken = 3;

constexpr std::string_view kNames[] = {"schema", "tool", "json", "plain"};

std::string_view name(Rung rung) { return kNames[static_cast<std::size_t>(rung)]; }

HeldBy held_by(Rung rung) {
  switch (rung) {
    case Rung::schema:
      return HeldBy::schema;
    case Rung::tool:
      return HeldBy::tool;
    case Rung::json:
      return HeldBy::json;
    case Rung::plain:
      break;
  }
  return HeldBy::nothing;
}

std::optional<Rung> rung_of(std::string_view text) {
  for (const Rung rung : {Rung::schema, Rung::tool, Rung::json, Rung::plain})
    if (name(rung) == text) return rung;
  return std::nullopt;
}

bool same(const Manner& one, const Manner& other) {
  return one.rung == other.rung && one.without == other.without;
}

// Is `one` what is left of `other` after objections?
bool is_below(const Manner& one, const Manner& other) {
  if (one.rung < other.rung || same(one, other)) return false;
  return std::includes(one.without.begin(), one.without.end(), other.without.begin(),
                       other.without.end());
}

std::string text_of(const Manner& manner, std::time_t until) {
  JsonBuilder without = JsonBuilder::array();
  for (const std::string& parameter : manner.without) without.push_string(parameter);
  JsonBuilder json = JsonBuilder::object();
  json.string("rung", name(manner.rung))
      .add("without", std::move(without))
      .integer("until", static_cast<std::int64_t>(until));
  return json.print();
}

}  // namespace

std::optional<Manner> below(const Manner& manner, const Objection& objection, bool forces_tools) {
  Manner next = manner;
  if (objection.to == Objection::To::parameter) {
    next.without.insert(objection.parameter);
    return next;
  }
  if (objection.to != Objection::To::rung || manner.rung == Rung::plain) return std::nullopt;
  next.rung = static_cast<Rung>(static_cast<int>(manner.rung) + 1);
  if (next.rung == Rung::tool && !forces_tools) next.rung = Rung::json;
  return next;
}

std::string words_of(const Manner& manner) {
  constexpr std::string_view kWords[] = {"by a JSON schema", "by a tool that it has to call",
                                         "by JSON mode", "by nothing but words"};
  std::string out(kWords[static_cast<std::size_t>(manner.rung)]);
  for (const std::string& parameter : manner.without)
    out += (parameter == *manner.without.begin() ? ", without " : " and ") + parameter;
  return out;
}

Ladder::Ladder(std::string who, bool forces_tools, Count& shown)
    : who_(std::move(who)), forces_tools_(forces_tools), shown_(shown) {
  show();
}

// What is not known is not shown, though it may be asked in some manner meanwhile.
void Ladder::show() {
  const HeldBy by = known_ ? held_by(manner_.rung) : HeldBy::unknown;
  shown_.store(static_cast<std::uint64_t>(by));
}

void Ladder::remember_in(Notebook& notebook, std::string name) {
  notebook_ = &notebook;
  name_ = std::move(name);
}

bool Ladder::known() {
  if (known_ && std::time(nullptr) >= until_) {
    known_ = false;
    manner_ = Manner();
    asked_notebook_ = false;
    broken_.clear();
    show();
  }
  return known_;
}

Task<> Ladder::recall(Cancel& cancel) {
  if (notebook_ == nullptr || asked_notebook_) co_return;
  try {
    const std::optional<std::string> text = co_await notebook_->read(name_, cancel);
    asked_notebook_ = true;
    if (!text) co_return;
    const JsonDocument document = JsonDocument::parse(*text);
    const auto rung = rung_of(document.root()["rung"].string().value_or(""));
    const std::int64_t until = document.root()["until"].integer().value_or(0);
    if (!rung || until <= std::time(nullptr) || (*rung == Rung::tool && !forces_tools_)) co_return;
    manner_ = Manner(*rung);
    for (const JsonValue& parameter : document.root()["without"].items())
      manner_.without.emplace(parameter.string().value_or(""));
    // Not longer than a day, whatever is written there.
    until_ = std::min(static_cast<std::time_t>(until), std::time(nullptr) + kHolds.count());
    known_ = true;
    show();
    spdlog::info("{} is held to the shape of its answers {}, as was found before", who_,
                 words_of(manner_));
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    spdlog::debug("how to ask {} is not remembered: {}", who_, failure.what());
  }
}

Task<> Ladder::keep(Cancel& cancel) {
  if (notebook_ == nullptr) co_return;
  try {
    std::string text = text_of(manner_, until_);
    co_await notebook_->write(name_, std::move(text), kHolds, cancel);
  } catch (const Failure& failure) {
    // The answer is here and paid for; the next process tries by itself.
    spdlog::debug("how to ask {} is not remembered: {}", who_, failure.what());
  }
}

// A server that goes on breaking its promise is held less firmly: it may keep another one. One text
// that is asked about again and again is one.
void Ladder::count(const Manner& manner, const std::string& question, bool kept) {
  if (!same(manner, manner_)) return;
  if (kept) {
    broken_.clear();
    return;
  }
  for (const std::string& other : broken_)
    if (question.starts_with(other)) return;
  broken_.push_back(question);
  if (broken_.size() < kMostBroken) return;
  Objection objection;
  objection.to = Objection::To::rung;
  const std::optional<Manner> next = below(manner_, objection, forces_tools_);
  broken_.clear();
  if (!next) return;
  spdlog::info("{} takes being held {} and answers as if it were not, {} times in a row: next {}",
               who_, words_of(manner_), kMostBroken, words_of(*next));
  manner_ = *next;
  known_ = false;
  show();
}

Task<> Ladder::Turn::begin(Cancel& cancel) {
  if (scouting_) co_return;
  if (ladder_.known()) {
    manner_ = ladder_.manner_;
    co_return;
  }
  LinkedCancel patience(cancel);
  Deadline deadline(patience, kPatience, Failure(Kind::transient, "nobody has found out yet"));
  while (!ladder_.known() && !patience.requested()) {
    if (!ladder_.scouting_) {
      ladder_.scouting_ = scouting_ = true;
      co_await ladder_.recall(cancel);
      if (ladder_.known_) end_scouting();
      break;
    }
    try {
      co_await ladder_.changed_.wait(patience);
    } catch (const Failure&) {
      cancel.throw_if_requested();  // else the patience is at its end
    }
  }
  manner_ = ladder_.manner_;
}

bool Ladder::Turn::objected(const Objection& objection, const Failure& failure) {
  if (is_below(ladder_.manner_, manner_)) return true;  // somebody has got further meanwhile
  const std::optional<Manner> next = below(manner_, objection, ladder_.forces_tools_);
  if (!next) return false;
  spdlog::info("{} does not take being held {}, next {}: {}", ladder_.who_, words_of(manner_),
               words_of(*next), failure.what());
  if (!before_) {
    before_ = manner_;
    before_was_known_ = ladder_.known_;
  }
  manner_ = ladder_.manner_ = *next;
  ladder_.known_ = false;
  ladder_.broken_.clear();
  ladder_.show();
  if (!ladder_.scouting_) ladder_.scouting_ = scouting_ = true;
  return true;
}

Task<> Ladder::Turn::answered(const std::string& question, std::optional<bool> kept,
                              Cancel& cancel) {
  const bool found = !ladder_.known_ && same(manner_, ladder_.manner_);
  if (found) {
    ladder_.known_ = true;
    ladder_.show();
    ladder_.until_ = std::time(nullptr) + kHolds.count();
    spdlog::info("{} is held to the shape of its answers {}", ladder_.who_, words_of(manner_));
  }
  end_scouting();
  if (kept) ladder_.count(manner_, question, *kept);
  if (found && ladder_.known_) co_await ladder_.keep(cancel);
}

void Ladder::Turn::failed(const std::string& question, const Failure& failure) {
  // Refused in every manner: it was the text, and not the manner, whatever the words were.
  if (failure.kind() == Kind::rejected && before_) {
    ladder_.manner_ = *before_;
    ladder_.known_ = before_was_known_;
    ladder_.show();
  }
  // A tool that is not called.
  if (failure.kind() == Kind::bad_answer && manner_.rung == Rung::tool)
    ladder_.count(manner_, question, false);
}

void Ladder::Turn::end_scouting() noexcept {
  if (!scouting_) return;
  scouting_ = ladder_.scouting_ = false;
  ladder_.changed_.notify();
}

}  // namespace ryumem
