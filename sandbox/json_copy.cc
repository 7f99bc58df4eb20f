#include "sandbox/json_copy.h"

#include <fmt/format.h>

#include "common/base/failure.h"

namespace ryumem::sandbox {

JsonBuilder copy_json(const JsonValue& value) {
  switch (value.type()) {
    case JsonValue::Type::absent:
    case JsonValue::Type::null:
      return JsonBuilder::raw("null");
    case JsonValue::Type::boolean:
      return JsonBuilder::raw(*value.boolean() ? "true" : "false");
    case JsonValue::Type::integer:
      return JsonBuilder::raw(std::to_string(*value.integer()));
    case JsonValue::Type::number:
      return JsonBuilder::raw(fmt::format("{}", *value.number()));
    case JsonValue::Type::string: {
      // A lone string is built inside an array, since the builder makes strings as members only.
      std::string text = JsonBuilder::array().push_string(*value.string()).print();
      return JsonBuilder::raw(std::string_view(text).substr(1, text.size() - 2));
    }
    case JsonValue::Type::array: {
      JsonBuilder array = JsonBuilder::array();
      for (const JsonValue& item : value.items()) array.push(copy_json(item));
      return array;
    }
    case JsonValue::Type::object:
      break;
  }
  JsonBuilder object = JsonBuilder::object();
  for (const auto& [key, member] : value.fields())
    object.add(std::string(key).c_str(), copy_json(member));
  return object;
}

std::string json_text(const JsonValue& value) { return copy_json(value).print(); }

JsonBuilder json_or_string(const std::string& text) {
  try {
    const JsonDocument document = JsonDocument::parse(text);
    // The text itself, so that a reader sees each number as it was sent. Line breaks between
    // tokens are the only ones JSON can hold, and a line of the ledger must be one line.
    std::string line = text;
    for (char& c : line)
      if (c == '\n' || c == '\r') c = ' ';
    return JsonBuilder::raw(line);
  } catch (const Failure&) {
    std::string quoted = JsonBuilder::array().push_string(text).print();
    return JsonBuilder::raw(std::string_view(quoted).substr(1, quoted.size() - 2));
  }
}

}  // namespace ryumem::sandbox
