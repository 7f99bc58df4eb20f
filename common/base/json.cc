#include "common/base/json.h"

#include <simdjson.h>

#include <cstring>

#include "common/base/failure.h"

namespace ryumem {

namespace dom = simdjson::dom;

static_assert(sizeof(dom::element) <= 16 && alignof(dom::element) <= 8);
static_assert(std::is_trivially_copyable_v<dom::element>);

struct JsonValue::Access {
  static JsonValue wrap(dom::element element) {
    JsonValue value;
    std::memcpy(value.element_, &element, sizeof(element));
    value.present_ = true;
    return value;
  }
  static dom::element unwrap(const JsonValue& value) {
    dom::element element;
    std::memcpy(&element, value.element_, sizeof(element));
    return element;
  }
};

JsonValue::Type JsonValue::type() const {
  if (!present_) return Type::absent;
  switch (Access::unwrap(*this).type()) {
    case dom::element_type::NULL_VALUE:
      return Type::null;
    case dom::element_type::BOOL:
      return Type::boolean;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
      return Type::integer;
    case dom::element_type::DOUBLE:
      return Type::number;
    case dom::element_type::STRING:
      return Type::string;
    case dom::element_type::ARRAY:
      return Type::array;
    case dom::element_type::OBJECT:
      return Type::object;
    default:  // simdjson 4 reads an integer of more than 64 bits, which before is no JSON to it
      return Type::number;
  }
}

std::string_view JsonValue::type_name() const {
  switch (type()) {
    case Type::absent:
      return "missing";
    case Type::null:
      return "null";
    case Type::boolean:
      return "a boolean";
    case Type::integer:
      return "an integer";
    case Type::number:
      return "a number";
    case Type::string:
      return "a string";
    case Type::array:
      return "an array";
    case Type::object:
      return "an object";
  }
  return "unknown";
}

std::optional<std::string_view> JsonValue::string() const {
  if (type() != Type::string) return std::nullopt;
  return Access::unwrap(*this).get_string().value_unsafe();
}

std::optional<std::int64_t> JsonValue::integer() const {
  if (type() != Type::integer) return std::nullopt;
  std::int64_t value = 0;
  if (Access::unwrap(*this).get_int64().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<double> JsonValue::number() const {
  if (type() != Type::integer && type() != Type::number) return std::nullopt;
  double value = 0;
  if (Access::unwrap(*this).get_double().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<bool> JsonValue::boolean() const {
  if (type() != Type::boolean) return std::nullopt;
  return Access::unwrap(*this).get_bool().value_unsafe();
}

JsonValue JsonValue::operator[](std::string_view key) const {
  JsonValue found;
  if (type() != Type::object) return found;
  const dom::object object = Access::unwrap(*this).get_object().value_unsafe();
  for (const auto field : object)
    if (field.key == key) found = Access::wrap(field.value);
  return found;
}

std::string JsonValue::text() const {
  return present_ ? simdjson::minify(Access::unwrap(*this)) : "null";
}

std::vector<JsonValue> JsonValue::items() const {
  std::vector<JsonValue> out;
  if (type() != Type::array) return out;
  const dom::array array = Access::unwrap(*this).get_array().value_unsafe();
  for (const auto item : array) out.push_back(Access::wrap(item));
  return out;
}

std::vector<std::pair<std::string_view, JsonValue>> JsonValue::fields() const {
  std::vector<std::pair<std::string_view, JsonValue>> out;
  if (type() != Type::object) return out;
  const dom::object object = Access::unwrap(*this).get_object().value_unsafe();
  for (const auto field : object) out.emplace_back(field.key, Access::wrap(field.value));
  return out;
}

struct JsonDocument::Parsed {
  dom::parser parser;
  JsonValue root;
};

JsonDocument JsonDocument::parse(std::string_view text) {
  auto parsed = std::make_unique<Parsed>();
  dom::element root;
  const simdjson::error_code error = parsed->parser.parse(text.data(), text.size()).get(root);
  if (error != simdjson::SUCCESS)
    throw Failure(Kind::bad_answer, std::string("not JSON: ") + simdjson::error_message(error));
  parsed->root = JsonValue::Access::wrap(root);
  return JsonDocument(std::move(parsed));
}

JsonDocument::JsonDocument(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonValue JsonDocument::root() const { return parsed_->root; }

}  // namespace ryumem
