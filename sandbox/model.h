// The stand-in model behind every wire format: a question in, an answer out, no wire in sight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/json.h"
#include "sandbox/malformed.h"
#include "sandbox/means.h"
#include "sandbox/script.h"

namespace ryumem::sandbox {

struct ChatQuestion {
  std::string system;
  std::string user;  // the last user message
  Wanted wanted = Wanted::other;
  Means means = Means::schema;              // that hold it to JSON, or do not
  std::optional<std::int64_t> most_tokens;  // of the answer
};

struct ChatAnswer {
  std::string content;
  bool cut = false;  // the limit of tokens ended it
  std::int64_t prompt_tokens = 0;
  std::int64_t answer_tokens = 0;
};

struct EmbedQuestion {
  std::vector<std::string> texts;
  std::optional<std::int64_t> dimensions;
};

struct EmbedAnswer {
  std::vector<std::string> vectors;  // JSON arrays
  std::int64_t tokens = 0;
};

class Model {
 public:
  /// `script` must outlive the model. `dimensions` is the length of its own vectors.
  Model(const Script& script, std::size_t dimensions) : script_(script), dimensions_(dimensions) {}

  ChatAnswer chat(const ChatQuestion& question, Malformed malformed) const;
  /// Shorter vectors than its own are cut and scaled to length 1 again; longer ones it has not.
  EmbedAnswer embed(const EmbedQuestion& question, Malformed malformed) const;

 private:
  const Script& script_;
  std::size_t dimensions_;
};

/// Which question a JSON schema asks, by its top-level property; without one, which is asked by the
/// words of the prompt, by the property that they name in quotes.
Wanted wanted_by(const JsonValue& schema, const std::string& words);

/// About as many tokens as a model would count: one for every four bytes.
std::int64_t estimate_tokens(std::string_view text);

}  // namespace ryumem::sandbox
