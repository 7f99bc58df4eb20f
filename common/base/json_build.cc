#include "common/base/json_build.h"

#include <cjson/cJSON.h>

#include <new>

#include "common/base/text.h"

namespace ryumem {
namespace {

cJSON* checked(cJSON* node) {
  if (node == nullptr) throw std::bad_alloc();
  return node;
}

cJSON* string_node(std::string_view value) {
  const std::string_view nul("\0", 1);
  const std::string text =
      value.find('\0') == value.npos ? std::string(value) : replace_all(value, nul, "\xEF\xBF\xBD");
  return checked(cJSON_CreateString(text.c_str()));
}

}  // namespace

void JsonBuilder::Delete::operator()(cJSON* node) const noexcept { cJSON_Delete(node); }

JsonBuilder::JsonBuilder(cJSON* node) : node_(checked(node)) {}

JsonBuilder JsonBuilder::object() { return JsonBuilder(cJSON_CreateObject()); }
JsonBuilder JsonBuilder::array() { return JsonBuilder(cJSON_CreateArray()); }
JsonBuilder JsonBuilder::raw(std::string_view json) {
  return JsonBuilder(cJSON_CreateRaw(std::string(json).c_str()));
}

JsonBuilder& JsonBuilder::take(const char* key, cJSON* node) {
  cJSON_AddItemToObject(node_.get(), key, checked(node));
  return *this;
}

JsonBuilder& JsonBuilder::string(const char* key, std::string_view value) {
  return take(key, string_node(value));
}
JsonBuilder& JsonBuilder::integer(const char* key, std::int64_t value) {
  // As raw text: cJSON keeps numbers as doubles, which loses integers above 2^53.
  return take(key, cJSON_CreateRaw(std::to_string(value).c_str()));
}
JsonBuilder& JsonBuilder::number(const char* key, double value) {
  return take(key, cJSON_CreateNumber(value));
}
JsonBuilder& JsonBuilder::boolean(const char* key, bool value) {
  return take(key, cJSON_CreateBool(value ? 1 : 0));
}
JsonBuilder& JsonBuilder::null(const char* key) { return take(key, cJSON_CreateNull()); }
JsonBuilder& JsonBuilder::add(const char* key, JsonBuilder value) {
  return take(key, value.node_.release());
}

JsonBuilder& JsonBuilder::push(JsonBuilder value) {
  cJSON_AddItemToArray(node_.get(), value.node_.release());
  return *this;
}
JsonBuilder& JsonBuilder::push_string(std::string_view value) {
  cJSON_AddItemToArray(node_.get(), string_node(value));
  return *this;
}

std::string JsonBuilder::print() const {
  char* text = cJSON_PrintUnformatted(node_.get());
  if (text == nullptr) throw std::bad_alloc();
  std::string out(text);
  cJSON_free(text);
  return out;
}

}  // namespace ryumem
