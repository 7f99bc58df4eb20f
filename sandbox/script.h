// Scripted answers of the model: what a test wants to be said, whatever the rules would find.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/json.h"

namespace ryumem::sandbox {

enum class Wanted { entities, relationships, other };
std::string_view name(Wanted wanted);

class Script {
 public:
  /// Replaces the script: {"chat":[{"contains","question","answer"}],"embeddings":{TEXT:[…]}}.
  /// Throws Failure(Kind::rejected) naming what is wrong.
  void set(const JsonValue& request);
  void clear();

  /// The answer of the first line whose text is in `prompt` and whose question is the one asked.
  std::optional<std::string> chat(Wanted wanted, const std::string& prompt) const;
  /// The vector for exactly this text, as JSON.
  std::optional<std::string> embedding(const std::string& text) const;

 private:
  struct Line {
    std::string contains;
    std::optional<Wanted> question;
    std::string answer;
  };
  std::vector<Line> lines_;
  std::map<std::string, std::string, std::less<>> embeddings_;
};

}  // namespace ryumem::sandbox
