#include "sandbox/script.h"

#include "common/base/failure.h"
#include "sandbox/json_copy.h"

namespace ryumem::sandbox {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw Failure(Kind::rejected, what); }

}  // namespace

std::string_view name(Wanted wanted) {
  if (wanted == Wanted::entities) return "entities";
  return wanted == Wanted::relationships ? "relationships" : "other";
}

void Script::clear() {
  lines_.clear();
  embeddings_.clear();
}

void Script::set(const JsonValue& request) {
  if (request.type() != JsonValue::Type::object)
    refuse("the body is not {\"chat\":[...],\"embeddings\":{...}}");
  std::vector<Line> lines;
  for (const JsonValue& item : request["chat"].items()) {
    Line line;
    line.contains = std::string(item["contains"].string().value_or(""));
    if (item.has("question")) {
      const auto question = item["question"].string();
      if (question == "entities") line.question = Wanted::entities;
      if (question == "relationships") line.question = Wanted::relationships;
      if (!line.question) refuse("a chat line's \"question\" is not entities or relationships");
    }
    if (!item.has("answer")) refuse("a chat line has no \"answer\"");
    const auto text = item["answer"].string();
    line.answer = text ? std::string(*text) : json_text(item["answer"]);
    lines.push_back(std::move(line));
  }
  std::map<std::string, std::string, std::less<>> embeddings;
  for (const auto& [text, vector] : request["embeddings"].fields()) {
    if (vector.type() != JsonValue::Type::array)
      refuse("the embedding of \"" + std::string(text) + "\" is not an array");
    embeddings.emplace(text, json_text(vector));
  }
  lines_ = std::move(lines);
  embeddings_ = std::move(embeddings);
}

std::optional<std::string> Script::chat(Wanted wanted, const std::string& prompt) const {
  for (const Line& line : lines_) {
    if (line.question && *line.question != wanted) continue;
    if (prompt.find(line.contains) == std::string::npos) continue;
    return line.answer;
  }
  return std::nullopt;
}

std::optional<std::string> Script::embedding(const std::string& text) const {
  const auto found = embeddings_.find(text);
  if (found == embeddings_.end()) return std::nullopt;
  return found->second;
}

}  // namespace ryumem::sandbox
