#include "worker/llm/answer.h"

#include <algorithm>
#include <set>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// A model is told to write the user's id for the first person; a small one forgets it at times.
constexpr std::string_view kFirstPerson[] = {"i", "me", "my", "mine", "myself"};

std::string name_of(std::string_view text, std::string_view user_id) {
  std::string name = normal_name(trim(text));
  if (std::find(std::begin(kFirstPerson), std::end(kFirstPerson), name) != std::end(kFirstPerson))
    return normal_name(user_id);
  return name;
}

// The text of a member without the blanks around it; empty if it is not a text.
std::string_view text_in(JsonValue item, const char* key) {
  return trim(item[key].string().value_or(std::string_view()));
}

std::vector<JsonValue> items_of(const JsonDocument& document, const char* key) {
  const JsonValue list = document.root()[key];
  if (list.type() != JsonValue::Type::array)
    throw Failure(Kind::bad_answer, std::string("the model's answer has no list \"") + key +
                                        "\": it is " + std::string(list.type_name()));
  return list.items();
}

void refuse_if_all_malformed(std::size_t items, std::size_t malformed) {
  if (items > 0 && items == malformed)
    throw Failure(Kind::bad_answer, "not one of the " + std::to_string(items) +
                                        " items in the model's answer has the promised fields");
}

}  // namespace

std::string normal_name(std::string_view text) { return replace_all(lower(text), " ", "_"); }

std::string normal_type(std::string_view text) { return replace_all(upper(text), " ", "_"); }

Entities read_entities(std::string_view answer, std::string_view user_id,
                       CountBy<Dropped>& dropped) {
  const JsonDocument document = JsonDocument::parse(answer);
  const std::vector<JsonValue> items = items_of(document, "entities");
  Entities entities;
  std::set<std::string> seen;
  std::size_t malformed = 0;
  for (const JsonValue item : items) {
    const std::string_view name = text_in(item, "entity");
    const std::string_view type = text_in(item, "entity_type");
    if (name.empty() || type.empty()) {
      ++malformed;
      dropped[Dropped::malformed].add();
      continue;
    }
    Entity entity(name_of(name, user_id), normal_type(type));
    if (seen.insert(entity.name).second)
      entities.push_back(std::move(entity));
    else
      dropped[Dropped::duplicate].add();
  }
  refuse_if_all_malformed(items.size(), malformed);
  return entities;
}

Relationships read_relationships(std::string_view answer, const Entities& entities,
                                 std::string_view user_id, CountBy<Dropped>& dropped) {
  const JsonDocument document = JsonDocument::parse(answer);
  const std::vector<JsonValue> items = items_of(document, "relationships");
  std::set<std::string> known;
  for (const Entity& entity : entities) known.insert(entity.name);
  Relationships relationships;
  std::size_t malformed = 0;
  for (const JsonValue item : items) {
    const std::string_view type = text_in(item, "relationship");
    const std::string_view fact = text_in(item, "fact");
    const std::string source = name_of(text_in(item, "source"), user_id);
    const std::string destination = name_of(text_in(item, "destination"), user_id);
    if (source.empty() || destination.empty() || type.empty() || fact.empty()) {
      ++malformed;
      dropped[Dropped::malformed].add();
    } else if (known.count(source) == 0 || known.count(destination) == 0) {
      dropped[Dropped::unknown_end].add();
    } else {
      relationships.emplace_back(source, normal_type(type), destination, std::string(fact));
    }
  }
  refuse_if_all_malformed(items.size(), malformed);
  return relationships;
}

}  // namespace ryumem
