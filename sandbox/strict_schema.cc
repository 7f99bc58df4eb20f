#include "sandbox/strict_schema.h"

#include <fmt/format.h>

#include <set>

namespace ryumem::sandbox {
namespace {

std::string broken_rule(const JsonValue& schema, const std::string& place) {
  if (schema["type"].string() == "array")
    return broken_rule(schema["items"], place + (place.empty() ? "" : ", ") + "'items'");
  if (schema["type"].string() != "object") return "";
  if (schema["additionalProperties"].boolean() != false)
    return fmt::format(
        "In context=({}), 'additionalProperties' is required to be supplied and to be false.",
        place);
  std::set<std::string_view> required;
  for (const JsonValue& one : schema["required"].items())
    required.insert(one.string().value_or(""));
  for (const auto& [key, value] : schema["properties"].fields()) {
    if (!required.contains(key))
      return fmt::format(
          "In context=({}), 'required' is required to be supplied and to be an array including "
          "every key in properties. Missing '{}'.",
          place, key);
    const std::string inside =
        fmt::format("{}{}'properties', '{}'", place, place.empty() ? "" : ", ", key);
    if (std::string broken = broken_rule(value, inside); !broken.empty()) return broken;
  }
  return "";
}

}  // namespace

std::string against_strict_rules(const JsonValue& schema) {
  if (schema["type"].string() != "object")
    return "schema must be a JSON Schema of 'type: \"object\"'.";
  return broken_rule(schema, "");
}

}  // namespace ryumem::sandbox
