#include "worker/llm/answer_items.h"

#include <algorithm>
#include <cctype>

#include "common/base/failure.h"
#include "worker/llm/json_rescue.h"

namespace ryumem {
namespace {

constexpr int kDeepest = 5;              // how far down the list is looked for
constexpr std::size_t kMostInside = 64;  // each is a document that is kept, of some 9 kB

// "Entity-Type" -> "entitytype"
std::string plain(std::string_view key) {
  std::string out;
  for (const char c : key)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_object(JsonValue value) { return value.type() == JsonValue::Type::object; }
bool is_array(JsonValue value) { return value.type() == JsonValue::Type::array; }

bool may_hold_json(JsonValue value) {
  const auto text = value.string();
  return text && text->find_first_of("{[") != std::string_view::npos;
}

// {"type": "array", "items": …}: a description of a list.
bool describes(JsonValue value) {
  return is_object(value) && value["type"].string().has_value() &&
         (value.has("items") || value.has("properties"));
}

bool is_schema(JsonValue object) {
  return object.has("$schema") || object.has("$defs") ||
         (is_object(object["properties"]) && object["type"].string() == "object");
}

}  // namespace

JsonValue member(JsonValue object, const std::vector<std::string_view>& names, Repairs& repairs) {
  const JsonValue exact = object[names.front()];
  if (exact.type() != JsonValue::Type::absent) return exact;
  const auto fields = object.fields();
  for (const std::string_view name : names)
    for (const auto& [key, value] : fields)
      if (plain(key) == plain(name)) {
        repairs.insert(Repair::synonym);
        return value;
      }
  return JsonValue();
}

AnswerItems::AnswerItems(std::string_view answer, const AnswerForm& form, Repairs& repairs)
    : form_(form), repairs_(repairs) {
  documents_.push_back(rescue_json(answer, repairs_));
  const JsonValue root = documents_.back().root();
  if (find(root, 0)) return;
  const JsonValue list = root[form_.list];
  throw Failure(Kind::bad_answer, "the model's answer has no list \"" + std::string(form_.list) +
                                      "\": it is " + std::string(list.type_name()));
}

bool AnswerItems::find(JsonValue value, int depth) {
  if (depth > kDeepest) return false;
  if (may_hold_json(value)) return find(inside(value), depth + 1);
  if (is_array(value)) return find_in_array(value, depth);
  return is_object(value) && find_in_object(value, depth);
}

// Several answers one after the other, or the items themselves.
bool AnswerItems::find_in_array(JsonValue array, int depth) {
  const std::vector<JsonValue> elements = array.items();
  bool found = false;
  for (const JsonValue element : elements)
    if (is_object(element) && !is_item(element)) found = find(element, depth) || found;
  if (found) return true;
  // Further down, a list of anything but items is somebody else's.
  const bool items = std::any_of(elements.begin(), elements.end(),
                                 [this](JsonValue element) { return is_item(element); });
  if (depth > 0 && !items) return false;
  repairs_.insert(Repair::bare_list);
  items_.insert(items_.end(), elements.begin(), elements.end());
  return true;
}

bool AnswerItems::find_in_object(JsonValue object, int depth) {
  std::vector<std::string_view> names = form_.other_lists;
  names.insert(names.begin(), form_.list);
  Repairs by_synonym;
  const JsonValue list = member(object, names, by_synonym);
  if (describes(list) || (is_schema(object) && !is_array(object["properties"][form_.list])))
    throw Failure(Kind::bad_answer, "the answer is the schema, and not what it describes");
  if (list.type() != JsonValue::Type::absent && take_list(list, depth)) {
    repairs_.insert(by_synonym.begin(), by_synonym.end());
    if (depth > 0) repairs_.insert(Repair::wrapped);
    return true;
  }
  if (object.has(form_.list)) return false;  // it is there, and it is no list
  if (is_item(object)) {
    repairs_.insert(Repair::single_item);
    items_.push_back(object);
    return true;
  }
  for (const auto& [key, value] : object.fields())
    if (find(value, depth + 1)) {
      repairs_.insert(Repair::wrapped);
      return true;
    }
  return false;
}

// What is under the list's key: the list, one item of it, or either of them as a string.
bool AnswerItems::take_list(JsonValue list, int depth) {
  if (may_hold_json(list) && depth < kDeepest) return take_list(inside(list), depth + 1);
  if (is_array(list)) {
    const std::vector<JsonValue> elements = list.items();
    items_.insert(items_.end(), elements.begin(), elements.end());
    return true;
  }
  if (!is_object(list)) return false;
  if (!is_item(list)) return find_in_object(list, depth + 1);
  repairs_.insert(Repair::single_item);
  items_.push_back(list);
  return true;
}

bool AnswerItems::is_item(JsonValue value) const {
  if (!is_object(value)) return false;
  Repairs none;
  const JsonValue field = member(value, form_.item, none);
  return field.string().has_value() || is_object(field);
}

JsonValue AnswerItems::inside(JsonValue text) {
  if (documents_.size() > kMostInside)
    throw Failure(Kind::bad_answer,
                  "the answer has JSON in more than " + std::to_string(kMostInside) + " strings");
  repairs_.insert(Repair::encoded);
  documents_.push_back(rescue_json(*text.string(), repairs_));
  return documents_.back().root();
}

}  // namespace ryumem
