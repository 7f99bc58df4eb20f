// Vectors that cannot be passed on as the text they came in: base64, or not of length 1.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/providers/provider.h"

namespace ryumem {

/// Vectors written anew, as the shortest numbers that stand for the same floats.
class VectorTexts {
 public:
  /// Throws Failure(Kind::bad_answer) if one of the numbers is not finite.
  void add(const std::vector<float>& vector);
  /// One that is text already.
  void add(const NumberArray& vector);
  EmbeddingAnswer finish(std::int64_t tokens_in) &&;

 private:
  std::string text_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;  // where each ends, and its length
};

/// The floats in base64, little-endian. Throws Failure(Kind::bad_answer).
std::vector<float> floats_of_base64(std::string_view text);

/// The numbers of an array. Throws Failure(Kind::bad_answer) for what is none, or too large.
std::vector<float> floats_of(const NumberArray& vector);

/// The same vectors with Euclidean length 1. Those that have it already stay as they are, to the
/// byte, and so does one of zeros.
EmbeddingAnswer with_unit_length(EmbeddingAnswer answer);

}  // namespace ryumem
