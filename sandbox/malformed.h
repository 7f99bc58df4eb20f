// Answers that are wrong in themselves, as models and proxies give them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ryumem::sandbox {

enum class Malformed {
  none,
  prose,            // the JSON with a sentence before and after it
  fence,            // the JSON in a Markdown code fence
  truncated_json,   // its first half
  length,           // its first half, and the reply says that the limit of tokens was reached
  empty_object,     // {}
  not_json,         // a sentence without any JSON
  blank,            // nothing
  bare_array,       // the list without the object around it
  schema_echo,      // a JSON schema instead of an answer
  wrong_count,      // embeddings: one vector too few
  wrong_dimension,  // embeddings: vectors one number short
  nan,              // embeddings: a NaN among the numbers
};

/// The kind of that name, as it is written above.
std::optional<Malformed> malformed_from(std::string_view name);
std::string_view name(Malformed malformed);

/// Answer JSON made wrong. The kinds about embeddings change nothing here.
std::string spoil(Malformed malformed, const std::string& json);

}  // namespace ryumem::sandbox
