// Stand-in embeddings: hashed unit vectors, the same for the same text in every run.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ryumem::sandbox {

/// A unit vector for `text`. Case, blanks and punctuation do not count. Texts that share words and
/// parts of words come out moderately similar (at most about 0.6), equal texts have a cosine of 1.
std::vector<float> hashed_vector(std::string_view text, std::size_t dimensions);

/// As a JSON array, six significant digits.
std::string vector_text(const std::vector<float>& vector);

/// The same numbers of such an array in base64: 32-bit floats, the low byte first.
std::string vector_base64(std::string_view array);

/// Scales to length 1; a vector of zeros stays as it is.
void normalise(std::vector<float>& vector);

/// The dot product: the cosine of unit vectors. The sizes must be equal.
float dot(const std::vector<float>& one, const std::vector<float>& other);

}  // namespace ryumem::sandbox
