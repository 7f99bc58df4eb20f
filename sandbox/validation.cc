#include "sandbox/validation.h"

#include "common/base/failure.h"

namespace ryumem::sandbox {
namespace {

JsonBuilder place_of(const char* key) {
  JsonBuilder place = JsonBuilder::array();
  place.push_string("body");
  if (key != nullptr) place.push_string(key);
  return place;
}

}  // namespace

Validation::Validation(const std::string& body) {
  try {
    JsonDocument document = JsonDocument::parse(body);
    if (document.root().type() == JsonValue::Type::object)
      document_.push_back(std::move(document));
    else
      fault(place_of(nullptr), "value is not a valid dict", "type_error.dict");
  } catch (const Failure&) {
    if (body.empty())
      fault(place_of(nullptr), "field required", "value_error.missing");
    else
      fault(place_of(nullptr), "the body is not JSON", "value_error.jsondecode");
  }
}

void Validation::fault(JsonBuilder place, const char* message, const char* type) {
  ++faults_;
  JsonBuilder item = JsonBuilder::object();
  item.add("loc", std::move(place)).string("msg", message).string("type", type);
  detail_.push(std::move(item));
}

void Validation::fault(const char* key, const char* message, const char* type) {
  fault(place_of(key), message, type);
}

bool Validation::missing(const char* key) {
  if (document_.empty()) return true;
  if (document_[0].root().has(key)) return false;
  fault(key, "field required", "value_error.missing");
  return true;
}

std::string Validation::string(const char* key) {
  if (missing(key)) return "";
  const auto value = document_[0].root()[key].string();
  if (!value) fault(key, "str type expected", "type_error.str");
  return std::string(value.value_or(""));
}

std::string Validation::optional_string(const char* key) {
  if (document_.empty()) return "";
  const JsonValue value = document_[0].root()[key];
  if (value.type() == JsonValue::Type::absent || value.type() == JsonValue::Type::null) return "";
  return string(key);
}

std::int64_t Validation::integer(const char* key) {
  if (missing(key)) return 0;
  const auto value = document_[0].root()[key].integer();
  if (!value) fault(key, "value is not a valid integer", "type_error.integer");
  return value.value_or(0);
}

double Validation::number(const char* key, double if_missing) {
  if (document_.empty() || !document_[0].root().has(key)) return if_missing;
  const auto value = document_[0].root()[key].number();
  if (!value) fault(key, "value is not a valid float", "type_error.float");
  return value.value_or(if_missing);
}

std::vector<float> Validation::numbers(const char* key) {
  std::vector<float> numbers;
  if (missing(key)) return numbers;
  const JsonValue list = document_[0].root()[key];
  if (list.type() != JsonValue::Type::array) {
    fault(key, "value is not a valid list", "type_error.list");
    return numbers;
  }
  for (const JsonValue& item : list.items()) {
    const auto value = item.number();
    if (!value) {
      JsonBuilder place = place_of(key);
      place.push(JsonBuilder::raw(std::to_string(numbers.size())));
      fault(std::move(place), "value is not a valid float", "type_error.float");
    }
    numbers.push_back(static_cast<float>(value.value_or(0)));
  }
  return numbers;
}

HttpAnswer Validation::refusal() {
  JsonBuilder body = JsonBuilder::object();
  body.add("detail", std::move(detail_));
  detail_ = JsonBuilder::array();
  return HttpAnswer(422, body.print());
}

}  // namespace ryumem::sandbox
