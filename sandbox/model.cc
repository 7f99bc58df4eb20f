#include "sandbox/model.h"

#include <algorithm>

#include "common/base/json_build.h"
#include "sandbox/extraction.h"
#include "sandbox/prompt.h"
#include "sandbox/vectors.h"

namespace ryumem::sandbox {
namespace {

std::string entities_json(const Prompt& prompt) {
  JsonBuilder list = JsonBuilder::array();
  for (const FoundEntity& entity : find_entities(prompt.text, prompt.user_id)) {
    JsonBuilder item = JsonBuilder::object();
    item.string("entity", entity.name).string("entity_type", entity.type);
    list.push(std::move(item));
  }
  JsonBuilder json = JsonBuilder::object();
  json.add("entities", std::move(list));
  return json.print();
}

std::string relationships_json(const Prompt& prompt) {
  JsonBuilder list = JsonBuilder::array();
  for (const FoundRelationship& found :
       find_relationships(prompt.text, prompt.user_id, prompt.names)) {
    JsonBuilder item = JsonBuilder::object();
    item.string("source", found.source)
        .string("relationship", found.relationship)
        .string("destination", found.destination)
        .string("fact", found.fact);
    list.push(std::move(item));
  }
  JsonBuilder json = JsonBuilder::object();
  json.add("relationships", std::move(list));
  return json.print();
}

// At a character's end, as a model's tokens end.
std::string first_bytes(const std::string& text, std::size_t count) {
  if (count >= text.size()) return text;
  while (count > 0 && (static_cast<unsigned char>(text[count]) & 0xC0U) == 0x80U) --count;
  return text.substr(0, count);
}

}  // namespace

Wanted wanted_by(const JsonValue& schema, const std::string& words) {
  const JsonValue properties = schema["properties"];
  if (properties.has("entities")) return Wanted::entities;
  if (properties.has("relationships")) return Wanted::relationships;
  if (schema.type() == JsonValue::Type::object) return Wanted::other;
  if (words.find("\"relationships\"") != std::string::npos) return Wanted::relationships;
  return words.find("\"entities\"") != std::string::npos ? Wanted::entities : Wanted::other;
}

std::int64_t estimate_tokens(std::string_view text) {
  return static_cast<std::int64_t>((text.size() + 3) / 4);
}

ChatAnswer Model::chat(const ChatQuestion& question, Malformed malformed) const {
  ChatAnswer answer;
  if (const auto scripted = script_.chat(question.wanted, question.user)) {
    answer.content = *scripted;
  } else {
    const Prompt prompt = read_prompt(question.user);
    if (question.wanted == Wanted::entities) answer.content = entities_json(prompt);
    if (question.wanted == Wanted::relationships) answer.content = relationships_json(prompt);
    if (question.wanted == Wanted::other)
      answer.content = "I am a stand-in: I answer questions for entities and relationships only.";
  }
  // A model that nothing holds to JSON dresses it up.
  if (malformed == Malformed::none && question.means == Means::plain &&
      question.wanted != Wanted::other)
    malformed = Malformed::fence;
  answer.content = spoil(malformed, answer.content);
  answer.cut = malformed == Malformed::length;
  if (question.most_tokens && *question.most_tokens > 0 &&
      estimate_tokens(answer.content) > *question.most_tokens) {
    answer.content =
        first_bytes(answer.content, static_cast<std::size_t>(*question.most_tokens) * 4);
    answer.cut = true;
  }
  answer.prompt_tokens = estimate_tokens(question.system) + estimate_tokens(question.user);
  answer.answer_tokens = estimate_tokens(answer.content);
  return answer;
}

EmbedAnswer Model::embed(const EmbedQuestion& question, Malformed malformed) const {
  EmbedAnswer answer;
  for (const std::string& text : question.texts) {
    answer.tokens += estimate_tokens(text);
    if (const auto scripted = script_.embedding(text)) {
      answer.vectors.push_back(*scripted);
      continue;
    }
    std::vector<float> vector = hashed_vector(text, dimensions_);
    if (question.dimensions && *question.dimensions > 0 &&
        static_cast<std::uint64_t>(*question.dimensions) < vector.size()) {
      vector.resize(static_cast<std::size_t>(*question.dimensions));
      normalise(vector);
    }
    if (malformed == Malformed::wrong_dimension) vector.pop_back();
    answer.vectors.push_back(vector_text(vector));
  }
  if (malformed == Malformed::wrong_count && !answer.vectors.empty()) answer.vectors.pop_back();
  if (malformed == Malformed::nan && !answer.vectors.empty()) {
    std::string& first = answer.vectors.front();
    first.replace(1, std::min(first.find(','), first.size() - 1) - 1, "NaN");
  }
  return answer;
}

}  // namespace ryumem::sandbox
