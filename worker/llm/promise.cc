#include "worker/llm/promise.h"

#include <algorithm>

#include "common/base/json.h"
#include "worker/llm/json_rescue.h"

namespace ryumem {
namespace {

// As much of JSON Schema as our own schemas say: objects, arrays, strings, and what is required.
// More than was asked for is no offence.
bool fits(const JsonValue& schema, const JsonValue& value) {
  const std::string_view type = schema["type"].string().value_or("");
  if (type == "string") return value.type() == JsonValue::Type::string;
  if (type == "array") {
    if (value.type() != JsonValue::Type::array) return false;
    const std::vector<JsonValue> items = value.items();
    return std::all_of(items.begin(), items.end(),
                       [&](const JsonValue& item) { return fits(schema["items"], item); });
  }
  if (type != "object") return true;
  if (value.type() != JsonValue::Type::object) return false;
  for (const JsonValue& name : schema["required"].items())
    if (!value.has(name.string().value_or(""))) return false;
  for (const auto& [key, member] : schema["properties"].fields())
    if (value.has(key) && !fits(member, value[key])) return false;
  return true;
}

}  // namespace

std::optional<bool> keeps_promise(Rung rung, std::string_view schema, std::string_view answer) {
  if (rung == Rung::plain) return true;
  try {
    Repairs repairs;
    const JsonDocument document = rescue_json(answer, repairs);
    repairs.erase(Repair::thoughts);
    repairs.erase(Repair::characters);
    if (!repairs.empty()) return false;
    if (rung == Rung::json) return true;
    return fits(JsonDocument::parse(schema).root(), document.root());
  } catch (const Failure&) {
    return std::nullopt;
  }
}

}  // namespace ryumem
