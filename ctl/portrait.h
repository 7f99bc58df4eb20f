// What is told of a job out of its body and its journal: never the tenant's key; what was written
// in the episode and what was made of it only when asked for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/json_build.h"

namespace ryumem {

/// An attempt that failed, as the journal has it.
struct PastAttempt {
  int number = 0;
  std::string at;
  std::string kind;
  std::string cause;
  std::string token;
  PastAttempt() = default;
};

struct Portrait {
  std::vector<PastAttempt> attempts;
  std::vector<std::string> steps;  // that need not be done again
  std::int64_t entities = 0;       // upserted
  std::int64_t facts = 0;
  std::int64_t crashes = 0;
  std::string asked;  // the paid call that is under way
  bool readable = false;
  std::string status;                                        // as the body says it
  std::vector<std::pair<std::string, std::string>> job;      // field, value in words
  std::vector<std::pair<std::string, std::string>> content;  // field, text
  std::int64_t content_bytes = 0;

  Portrait() = default;
  /// The value of a field of `job`; "" if there is none.
  std::string field(const std::string& name) const;
};

/// `content`: with the episode's text, its context, and the model's answers.
Portrait portrait_of(const std::string& body, const std::map<std::string, std::string>& journal,
                     bool content);

/// The lines that tell of its attempts and of what is behind it.
std::string history_as_text(const Portrait& portrait);
/// The lines that tell of the job's fields, and its content if the portrait has it.
std::string fields_as_text(const Portrait& portrait, std::size_t body_bytes, bool content);
/// "NAME          VALUE", in one line.
std::string line_of(std::string_view name, std::string_view value);

/// Adds "history", "crashes", "behind_it", "job" and, if wanted, "content".
void add_as_json(const Portrait& portrait, bool content, JsonBuilder& out);

}  // namespace ryumem
