#include "worker/llm/answer.h"

#include <set>
#include <tuple>

#include "common/base/failure.h"
#include "common/base/segments.h"
#include "common/base/text.h"
#include "worker/llm/answer_items.h"
#include "worker/llm/names.h"

namespace ryumem {
namespace {

using Names = std::vector<std::string_view>;

// More different items than this in one answer, and the text is asked about in smaller parts: no
// model keeps count of so many.
constexpr std::size_t kMostItems = 1000;
// Also the same ones again and again: each is held against all names, and the loop waits for it.
constexpr std::size_t kMostRead = 5000;
// The type of what a model named without one.
constexpr std::string_view kNoType = "ENTITY";

const AnswerForm kEntities = {"entities",
                              {"entity_list", "extracted_entities", "nodes", "named_entities"},
                              {"entity", "name", "entity_name", "text", "node", "label", "id"},
                              2};
const Names& kName = kEntities.item;
const Names kType = {"entity_type", "type", "category", "kind", "class", "label"};

const AnswerForm kRelationships = {
    "relationships",
    {"relations", "relationship_list", "extracted_relationships", "edges", "triples", "triplets"},
    {"source", "subject", "from", "head", "source_entity", "source_name", "src"},
    4};
const Names& kSource = kRelationships.item;
const Names kVerb = {"relationship", "relation", "relation_type", "relationship_type",
                     "predicate",    "type",     "verb",          "edge",
                     "label"};
const Names kDestination = {"destination",   "target",           "object", "to", "tail",
                            "target_entity", "destination_name", "dest",   "dst"};
const Names kFact = {"fact", "description", "sentence", "statement", "evidence", "text"};

// What is counted of one answer: each repair once, whatever it took.
class Tally {
 public:
  Tally(Slot& slot, std::vector<LeftOut>* left_out) : slot_(slot), wanted_(left_out) {}
  ~Tally() {
    for (const Repair repair : repairs) slot_.repairs[repair].add();
  }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  template <class Spoken>
  void drop(Dropped why, const Spoken& item) {
    slot_.dropped[why].add();
    if (why == Dropped::malformed) ++malformed_;
    if (wanted_ != nullptr) left_out_.emplace_back(why, item.in_words());
  }
  /// The answer is taken.
  void taken() {
    if (wanted_ != nullptr) wanted_->insert(wanted_->end(), left_out_.begin(), left_out_.end());
  }
  /// The answer is no answer if it has items and all of them are malformed.
  void check(std::size_t items) const {
    if (items > 0 && items == malformed_)
      throw Failure(Kind::bad_answer, "not one of the " + std::to_string(items) +
                                          " items in the model's answer has the promised fields");
  }
  static void check_read(std::size_t items) {
    if (items > kMostRead)
      throw Failure(Kind::too_long, "the answer has " + std::to_string(items) +
                                        " items, more than " + std::to_string(kMostRead));
  }
  static void check_most(std::size_t items) {
    if (items > kMostItems)
      throw Failure(Kind::too_long,
                    "the answer has more than " + std::to_string(kMostItems) + " different items");
  }

  Repairs repairs;

 private:
  Slot& slot_;
  std::vector<LeftOut>* wanted_;
  std::vector<LeftOut> left_out_;
  std::size_t malformed_ = 0;
};

std::string cut(std::string_view text, std::size_t limit, Repairs& repairs) {
  const std::string_view part = first_characters(text, limit);
  if (part.size() < text.size()) repairs.insert(Repair::shortened);
  return std::string(trim(part));
}

// The text of a field without the blanks around it; of an object there, its name. Empty if there is
// none.
std::string_view text_in(JsonValue item, const Names& names, Repairs& repairs) {
  JsonValue field = member(item, names, repairs);
  if (field.type() == JsonValue::Type::object) field = member(field, kName, repairs);
  return trim(field.string().value_or(std::string_view()));
}

// The texts of an item that is given as a list of its fields, if it is one.
std::vector<std::string_view> columns_of(JsonValue item, std::size_t columns, Repairs& repairs) {
  std::vector<std::string_view> texts;
  for (const JsonValue field : item.items()) texts.push_back(trim(field.string().value_or("")));
  if (texts.size() != columns) return {};
  repairs.insert(Repair::text_item);
  return texts;
}

struct SpokenEntity {
  std::string_view name;
  std::string_view type;

  std::string in_words() const { return std::string(name) + " (" + std::string(type) + ")"; }
};

SpokenEntity spoken_entity(JsonValue item, Repairs& repairs) {
  SpokenEntity spoken;
  if (const auto text = item.string()) {
    repairs.insert(Repair::text_item);
    spoken.name = trim(*text);
    spoken.type = kNoType;
    // "Alice (PERSON)"
    const std::size_t open = spoken.name.rfind(" (");
    if (open != std::string_view::npos && open > 0 && spoken.name.ends_with(')')) {
      spoken.type = trim(spoken.name.substr(open + 2, spoken.name.size() - open - 3));
      spoken.name = trim(spoken.name.substr(0, open));
    }
  } else if (const auto columns = columns_of(item, kEntities.columns, repairs); !columns.empty()) {
    spoken.name = columns[0];
    spoken.type = columns[1];
  } else {
    spoken.name = text_in(item, kName, repairs);
    spoken.type = text_in(item, kType, repairs);
  }
  return spoken;
}

struct SpokenRelationship {
  std::string_view source;
  std::string_view verb;
  std::string_view destination;
  std::string_view fact;

  bool complete() const {
    return !source.empty() && !verb.empty() && !destination.empty() && !fact.empty();
  }
  std::string in_words() const {
    std::string words(source);
    for (const std::string_view part : {verb, destination}) words += " " + std::string(part);
    return words + ": " + std::string(fact);
  }
};

SpokenRelationship spoken_relationship(JsonValue item, Repairs& repairs) {
  SpokenRelationship spoken;
  if (const auto columns = columns_of(item, kRelationships.columns, repairs); !columns.empty()) {
    spoken.source = columns[0];
    spoken.verb = columns[1];
    spoken.destination = columns[2];
    spoken.fact = columns[3];
  } else {
    spoken.source = text_in(item, kSource, repairs);
    spoken.verb = text_in(item, kVerb, repairs);
    spoken.destination = text_in(item, kDestination, repairs);
    spoken.fact = text_in(item, kFact, repairs);
  }
  return spoken;
}

}  // namespace

Author::Author(std::string_view text, std::string_view user_id)
    : name(normal_name(user_id)), voice(text, user_id) {}

Entities read_entities(std::string_view answer, const Author& author, Slot& slot,
                       std::vector<LeftOut>* left_out) {
  Tally tally(slot, left_out);
  const AnswerItems answered(answer, kEntities, tally.repairs);
  Tally::check_read(answered.items().size());
  Entities entities;
  std::set<std::string> seen;
  for (const JsonValue item : answered.items()) {
    const SpokenEntity spoken = spoken_entity(item, tally.repairs);
    if (spoken.name.empty() || spoken.type.empty()) {
      tally.drop(Dropped::malformed, spoken);
      continue;
    }
    const bool self = author.voice.is_self(spoken.name);
    if ((self && author.name.empty()) || (!self && author.voice.is_pronoun(spoken.name))) {
      tally.drop(Dropped::pronoun, spoken);
      continue;
    }
    std::string name =
        self ? author.name : normal_name(cut(spoken.name, kLongestName, tally.repairs));
    std::string type = normal_type(cut(spoken.type, kLongestType, tally.repairs));
    if (seen.insert(name).second)
      entities.emplace_back(std::move(name), std::move(type));
    else
      tally.drop(Dropped::duplicate, spoken);
  }
  tally.check(answered.items().size());
  Tally::check_most(entities.size());
  tally.taken();
  return entities;
}

Relationships read_relationships(std::string_view answer, const KnownEnds& ends, Slot& slot,
                                 std::vector<LeftOut>* left_out) {
  Tally tally(slot, left_out);
  const AnswerItems answered(answer, kRelationships, tally.repairs);
  Tally::check_read(answered.items().size());
  Relationships relationships;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  for (const JsonValue item : answered.items()) {
    const SpokenRelationship spoken = spoken_relationship(item, tally.repairs);
    if (!spoken.complete()) {
      tally.drop(Dropped::malformed, spoken);
      continue;
    }
    const KnownEnds::End source = ends.find(first_characters(spoken.source, kLongestName));
    const KnownEnds::End target = ends.find(first_characters(spoken.destination, kLongestName));
    if (source.name.empty() || target.name.empty()) {
      tally.drop(source.pronoun || target.pronoun ? Dropped::pronoun : Dropped::unknown_end,
                 spoken);
      continue;
    }
    if (source.name == target.name) {
      tally.drop(Dropped::self_edge, spoken);
      continue;
    }
    if (source.alias || target.alias) tally.repairs.insert(Repair::alias);
    Relationship one(source.name, normal_type(cut(spoken.verb, kLongestType, tally.repairs)),
                     target.name, cut(spoken.fact, kLongestFact, tally.repairs));
    if (seen.emplace(one.source, one.type, one.destination, one.fact).second)
      relationships.push_back(std::move(one));
    else
      tally.drop(Dropped::duplicate, spoken);
  }
  tally.check(answered.items().size());
  Tally::check_most(relationships.size());
  tally.taken();
  return relationships;
}

}  // namespace ryumem
