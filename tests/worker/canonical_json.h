// JSON for comparison: members sorted, no blanks, numbers by value.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/json.h"
#include "common/base/json_build.h"

namespace ryumem::test {

inline std::string canonical(const JsonValue& value) {
  switch (value.type()) {
    case JsonValue::Type::absent:
      return "(absent)";
    case JsonValue::Type::null:
      return "null";
    case JsonValue::Type::boolean:
      return *value.boolean() ? "true" : "false";
    case JsonValue::Type::integer:
    case JsonValue::Type::number:
      return fmt::format("{}", *value.number());
    case JsonValue::Type::string:
      return JsonBuilder::array().push_string(*value.string()).print();
    case JsonValue::Type::array: {
      std::string out = "[";
      for (const JsonValue& item : value.items())
        out += (out.size() > 1 ? "," : "") + canonical(item);
      return out + "]";
    }
    case JsonValue::Type::object:
      break;
  }
  std::vector<std::string> members;
  for (const auto& [key, member] : value.fields())
    members.push_back(std::string(key) + ":" + canonical(member));
  std::sort(members.begin(), members.end());
  std::string out = "{";
  for (const std::string& member : members) out += (out.size() > 1 ? "," : "") + member;
  return out + "}";
}

inline std::string canonical(const std::string& text) {
  const JsonDocument document = JsonDocument::parse(text);
  return canonical(document.root());
}

}  // namespace ryumem::test
