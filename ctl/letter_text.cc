#include "ctl/letter_text.h"

#include <fmt/format.h>

#include "common/base/json_build.h"
#include "ctl/portrait.h"
#include "ctl/print.h"

namespace ryumem {
namespace {

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
  const Portrait portrait = portrait_of(whole.body, whole.journal, content);
  const Letter& letter = whole.letter;
  return line_of("job", letter.id) + line_of("kind", letter.kind) + line_of("cause", letter.cause) +
         line_of("died", as_time(letter.at)) + line_of("server told", letter.told_in_words()) +
         history_as_text(portrait) + fields_as_text(portrait, whole.body.size(), content);
}

std::string letter_as_json(const WholeLetter& whole, bool content) {
  // In a list "attempts" is how many there were; here they are the "history".
  JsonBuilder out = as_json(whole.letter);
  add_as_json(portrait_of(whole.body, whole.journal, content), content, out);
  return out.print() + "\n";
}

}  // namespace ryumem
