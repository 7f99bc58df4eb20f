#include "worker/pipeline/text_reading.h"

#include <fmt/format.h>

#include <set>
#include <tuple>

#include "common/async/scope.h"
#include "common/base/log.h"
#include "worker/llm/names.h"
#include "worker/llm/prompts.h"
#include "worker/llm/tokens.h"

namespace ryumem {
namespace {

// A question about relationships names no more entities than this, but for those found in its own
// piece.
constexpr std::size_t kMostNames = 300;

}  // namespace

Millis time_for(std::string_view text, const Settings& settings) {
  const auto piece = static_cast<std::size_t>(settings.chunk_tokens);
  const std::size_t rounds = 1 + estimate_tokens(text) / (piece * kPiecesAtOnce);
  return settings.job_timeout * static_cast<std::int64_t>(rounds);
}

TextReading::TextReading(ChatModel& model, Slot& slot, std::size_t piece_tokens, const Job& job,
                         Once& once, Cancel& cancel)
    : model_(model),
      slot_(slot),
      job_(job),
      once_(once),
      cancel_(cancel),
      author_(job.content, job.user_id),
      pieces_(pieces_of(job.content, piece_tokens)) {}

Task<Entities> TextReading::entities() {
  Inquiry<Entities> inquiry;
  inquiry.step = "entities";
  inquiry.question = [this](std::string_view text, std::size_t) {
    return ask_for_entities(job_, text);
  };
  inquiry.read = [this](const std::string& answer) {
    return read_entities(answer, author_, slot_, left_out_);
  };
  found_ = co_await ask_about_all(inquiry);
  Entities all;
  std::set<std::string> seen;
  for (const Entities& some : found_)
    for (const Entity& entity : some)
      if (seen.insert(entity.name).second) all.push_back(entity);
  // Whoever says "I" is part of what is said, also when the model forgot it.
  if (author_.voice.first_person() && !author_.name.empty() && seen.insert(author_.name).second)
    all.emplace_back(author_.name, "PERSON");
  co_return all;
}

Task<Relationships> TextReading::relationships(const Entities& entities) {
  const KnownEnds ends(entities, author_.name, author_.voice);
  Inquiry<Relationships> inquiry;
  inquiry.step = "relationships";
  inquiry.question = [&](std::string_view text, std::size_t number) {
    return ask_for_relationships(job_, text, known_in(number, entities));
  };
  inquiry.read = [&](const std::string& answer) {
    return read_relationships(answer, ends, slot_, left_out_);
  };
  const std::vector<Relationships> found = co_await ask_about_all(inquiry);
  Relationships all;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  for (const Relationships& some : found)
    for (const Relationship& one : some)
      if (seen.emplace(one.source, one.type, one.destination, one.fact).second) all.push_back(one);
  co_return all;
}

// All pieces come to their end even when one fails: their answers are paid for, and the next
// attempt finds them in the journal. But no new question is asked after a failure.
template <class Items>
Task<std::vector<Items>> TextReading::ask_about_all(const Inquiry<Items>& inquiry) {
  std::vector<Items> found(pieces_.size());
  Round round(kPiecesAtOnce);
  Scope scope;
  for (std::size_t i = 0; i < pieces_.size(); ++i)
    scope.spawn(take_turn(inquiry, i, found[i], round));
  co_await scope.join();
  co_return found;
}

template <class Items>
Task<> TextReading::take_turn(const Inquiry<Items>& inquiry, std::size_t number, Items& found,
                              Round& round) {
  Permit turn = co_await round.turns.acquire(cancel_.beginning());
  if (round.failed) co_return;
  try {
    found = co_await ask_about(inquiry, number, pieces_[number]);
  } catch (...) {
    round.failed = true;
    throw;
  }
}

// A question that did not fit, or whose answer was cut off, is asked about the two halves of its
// text instead, one after the other; the journal keeps that, so that it is never asked whole again.
template <class Items>
Task<Items> TextReading::ask_about(const Inquiry<Items>& inquiry, std::size_t number, Piece piece) {
  const std::string field = field_of(inquiry.step, piece);
  const std::string split = "split:" + field;
  if (!once_.knows(split)) {
    std::optional<Failure> too_long;
    try {
      co_return co_await ask(inquiry, number, piece);
    } catch (const Failure& failure) {
      if (failure.kind() != Kind::too_long) throw;
      too_long = failure;
    }
    if (!halves_of(job_.content, piece))
      throw Failure(Kind::too_long,
                    fmt::format("{}; the text it was asked about ({} bytes) is too short to be "
                                "split: choose a model with a larger context",
                                too_long->what(), piece.to - piece.from));
    slot_.splits.add();
    co_await once_.remember(split, too_long->what());
    if (once_.knows(field)) co_await once_.forget(field);
  }
  const auto halves = halves_of(job_.content, piece);
  if (!halves) throw Failure(Kind::internal, field + " was split and cannot be split");
  Items found = co_await ask_about(inquiry, number, halves->first);
  Items more = co_await ask_about(inquiry, number, halves->second);
  found.insert(found.end(), more.begin(), more.end());
  co_return found;
}

// An answer that cannot be used is asked for once more, with the reason; a second one like it ends
// the attempt. The journal never keeps an answer that cannot be used.
template <class Items>
Task<Items> TextReading::ask(const Inquiry<Items>& inquiry, std::size_t number, Piece piece) {
  const std::string field = field_of(inquiry.step, piece);
  ChatQuestion question = inquiry.question(piece.of(job_.content), number);
  question.tally = once_.tally();
  for (bool again = false;; again = true) {
    const auto call = [&] {
      log_content(field, "prompt", question.system + "\n" + question.user);
      return model_.ask(question, cancel_);
    };
    const std::string answer = co_await once_.paid(field, call);
    log_content(field, "answer", answer);
    std::optional<Failure> unusable;
    try {
      co_return inquiry.read(answer);
    } catch (const Failure& failure) {
      unusable = failure;
    }
    // One that breaks off is not asked for again, but about less text, if there is less.
    if (unusable->kind() == Kind::too_long && halves_of(job_.content, piece)) throw *unusable;
    co_await once_.forget(field);
    if (again) throw *unusable;
    question = ask_again(std::move(question), unusable->what());
  }
}

void TextReading::log_content(const std::string& field, const char* what,
                              const std::string& text) const {
  if (content_is_logged())
    log_job(spdlog::level::debug, LogSubject(job_.id, field), "{}: {}", what, text);
}

// The whole text has the step's own name; any other piece says where it is, so that pieces which
// were cut in another way, e.g. before --chunk-tokens was changed, are never taken for it.
std::string TextReading::field_of(const std::string& step, Piece piece) const {
  if (piece == Piece(0, job_.content.size())) return step;
  return fmt::format("{}:{}-{}", step, piece.from, piece.to);
}

// What a piece is asked about: all, if it is the only one; else what was found in it, and the user.
Entities TextReading::known_in(std::size_t number, const Entities& all) const {
  if (pieces_.size() == 1) return all;
  Entities known = found_.at(number);
  std::set<std::string> names;
  for (const Entity& entity : known) names.insert(entity.name);
  const std::string text = normal_name(pieces_[number].of(job_.content));
  for (const Entity& entity : all) {
    if (known.size() >= kMostNames) break;
    const bool here = entity.name == author_.name || text.find(entity.name) != std::string::npos;
    if (here && names.insert(entity.name).second) known.push_back(entity);
  }
  return known;
}

}  // namespace ryumem
