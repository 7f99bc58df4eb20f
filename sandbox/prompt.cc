#include "sandbox/prompt.h"

#include <algorithm>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/text.h"

namespace ryumem::sandbox {
namespace {

// The length of the hex digits at the start, 0 if they are fewer than eight.
std::size_t hex_length(std::string_view text) {
  const std::size_t length = text.find_first_not_of("0123456789abcdefABCDEF");
  const std::size_t digits = length == std::string_view::npos ? text.size() : length;
  return digits < 8 ? 0 : digits;
}

// A question without blocks, as the Python worker puts it: `Entities: a, b`, an empty line, `Text:
// …`.
void read_lines(const std::string& prompt, Prompt& read) {
  constexpr std::string_view names_mark = "Entities: ";
  constexpr std::string_view text_mark = "\n\nText: ";
  if (!std::string_view(prompt).starts_with(names_mark)) return;
  const std::size_t end = prompt.find(text_mark);
  if (end == std::string::npos) return;
  read.text = prompt.substr(end + text_mark.size());
  std::string_view names(prompt);
  names = names.substr(names_mark.size(), end - names_mark.size());
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(", "), names.size());
    if (comma > 0) read.names.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 2, names.size()));
  }
}

}  // namespace

std::optional<std::string> prompt_block(std::string_view prompt, std::string_view name) {
  const std::string opening = "<" + std::string(name) + "-";
  std::optional<std::string> found;
  for (std::size_t at = prompt.find(opening); at != std::string_view::npos;
       at = prompt.find(opening, at)) {
    const std::size_t hex_at = at + opening.size();
    const std::size_t hex = hex_length(prompt.substr(hex_at));
    at = hex_at;
    if (hex == 0 || prompt.substr(hex_at + hex, 1) != ">") continue;
    const std::size_t from = hex_at + hex + 1;
    const std::string closing =
        "</" + std::string(name) + "-" + std::string(prompt.substr(hex_at, hex)) + ">";
    const std::size_t to = prompt.find(closing, from);
    if (to == std::string_view::npos) continue;
    found = std::string(trim(prompt.substr(from, to - from)));
    at = to + closing.size();
  }
  return found;
}

Prompt read_prompt(const std::string& prompt) {
  Prompt read;
  const auto text = prompt_block(prompt, "text");
  read.text = text.value_or(prompt);
  if (!text) read_lines(prompt, read);
  read.user_id = prompt_block(prompt, "user").value_or("");
  if (const auto names = prompt_block(prompt, "entities")) {
    try {
      const JsonDocument document = JsonDocument::parse(*names);
      for (const JsonValue& name : document.root().items())
        if (name.string()) read.names.emplace_back(*name.string());
    } catch (const Failure&) {
      // Not JSON: then no name is known, and no relationship is found.
    }
  }
  return read;
}

}  // namespace ryumem::sandbox
