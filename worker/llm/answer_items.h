// Where in a model's answer the items are: under the key that was asked for, or where models put
// them instead.
#pragma once

#include <list>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "worker/llm/lenient_json.h"

namespace ryumem {

/// What an answer should look like. Names are compared without case, blanks and signs.
struct AnswerForm {
  std::string_view list;                      // the key of the list
  std::vector<std::string_view> other_lists;  // what models call it instead
  std::vector<std::string_view> item;         // names of the field that makes an object an item
  std::size_t columns;                        // fields of an item given as a list
};

/// The member of `object` by the first of these names that it has; the first name is the right one.
JsonValue member(JsonValue object, const std::vector<std::string_view>& names, Repairs& repairs);

/// The items of one answer. They live as long as this does.
class AnswerItems {
 public:
  /// Throws Failure(Kind::bad_answer) if there is no list of items, or a schema instead of one;
  /// what rescue_json() throws, too.
  AnswerItems(std::string_view answer, const AnswerForm& form, Repairs& repairs);

  const std::vector<JsonValue>& items() const { return items_; }

 private:
  bool find(JsonValue value, int depth);
  bool find_in_array(JsonValue array, int depth);
  bool find_in_object(JsonValue object, int depth);
  bool take_list(JsonValue list, int depth);
  bool is_item(JsonValue value) const;
  JsonValue inside(JsonValue text);

  const AnswerForm& form_;
  Repairs& repairs_;
  std::list<JsonDocument> documents_;  // the answer, and what was in strings of it
  std::vector<JsonValue> items_;
};

}  // namespace ryumem
