#include "sandbox/malformed.h"

#include <array>
#include <utility>

namespace ryumem::sandbox {
namespace {

constexpr std::array<std::pair<std::string_view, Malformed>, 12> kNames{{
    {"prose", Malformed::prose},
    {"fence", Malformed::fence},
    {"truncated_json", Malformed::truncated_json},
    {"length", Malformed::length},
    {"empty_object", Malformed::empty_object},
    {"not_json", Malformed::not_json},
    {"blank", Malformed::blank},
    {"bare_array", Malformed::bare_array},
    {"schema_echo", Malformed::schema_echo},
    {"wrong_count", Malformed::wrong_count},
    {"wrong_dimension", Malformed::wrong_dimension},
    {"nan", Malformed::nan},
}};

std::string first_half(const std::string& text) {
  std::size_t cut = text.size() / 2;
  // Not inside a character: a model cuts between tokens.
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return text.substr(0, cut);
}

}  // namespace

std::optional<Malformed> malformed_from(std::string_view name) {
  for (const auto& [known, malformed] : kNames)
    if (known == name) return malformed;
  return std::nullopt;
}

std::string_view name(Malformed malformed) {
  for (const auto& [known, value] : kNames)
    if (value == malformed) return known;
  return "none";
}

std::string spoil(Malformed malformed, const std::string& json) {
  switch (malformed) {
    case Malformed::prose:
      return "Sure! Here is what I found:\n\n" + json + "\n\nLet me know if you need more.";
    case Malformed::fence:
      return "```json\n" + json + "\n```";
    case Malformed::truncated_json:
    case Malformed::length:
      return first_half(json);
    case Malformed::empty_object:
      return "{}";
    case Malformed::not_json:
      return "I could not find anything of note in this text.";
    case Malformed::blank:
      return "";
    case Malformed::bare_array: {
      const std::size_t from = json.find('[');
      const std::size_t to = json.rfind(']');
      if (from == std::string::npos || to == std::string::npos || to < from) return "[]";
      return json.substr(from, to - from + 1);
    }
    case Malformed::schema_echo:
      return R"({"type":"object","properties":{"entities":{"type":"array"}},"required":["entities"]})";
    default:
      return json;
  }
}

}  // namespace ryumem::sandbox
