#include "sandbox/vectors.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "common/base/json.h"
#include "common/base/text.h"

namespace ryumem::sandbox {
namespace {

// How much of the vector says "this very text"; the rest says what it is made of. It keeps two
// different texts below 0.65, the similarity at which the server takes entities for one.
constexpr double kOwnShare = 0.42;

std::uint64_t next_random(std::uint64_t& state) {  // splitmix64
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// Words in lower case, each as its code points.
std::vector<std::vector<std::string>> words_of(std::string_view text) {
  const std::string low = lower(text);
  std::vector<std::vector<std::string>> words(1);
  const auto size = static_cast<std::int32_t>(low.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t from = at;
    UChar32 c = 0;
    U8_NEXT(low.data(), at, size, c);
    if (c >= 0 && (u_isalnum(c) || u_getCombiningClass(c) != 0))
      words.back().push_back(
          low.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(at - from)));
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

void add_feature(std::vector<float>& vector, std::string_view feature, float weight) {
  std::uint64_t state = stable_hash(feature);
  for (int times = 0; times < 4; ++times) {
    const std::uint64_t random = next_random(state);
    vector[random % vector.size()] += (random >> 63) != 0 ? weight : -weight;
  }
}

}  // namespace

std::string vector_base64(std::string_view array) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const JsonDocument document = JsonDocument::parse(array);
  std::string bytes;
  for (const JsonValue& item : document.root().items()) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(item.number().value_or(0)));
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xFFU);
  }
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool there = at + i < bytes.size();
      group = group << 8 | (there ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool there = i < 2 || at + i - 1 < bytes.size();
      text += there ? kDigits[group >> (18 - 6 * i) & 0x3FU] : '=';
    }
  }
  return text;
}

void normalise(std::vector<float>& vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * x;
  if (squares <= 0) return;
  const double length = std::sqrt(squares);
  for (float& x : vector) x = static_cast<float>(x / length);
}

float dot(const std::vector<float>& one, const std::vector<float>& other) {
  float sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) sum += one[i] * other[i];
  return sum;
}

std::vector<float> hashed_vector(std::string_view text, std::size_t dimensions) {
  std::vector<float> made_of(dimensions);
  std::string whole;
  for (const std::vector<std::string>& letters : words_of(text)) {
    std::string word;
    for (const std::string& letter : letters) word += letter;
    whole += word + " ";
    add_feature(made_of, "word " + word, 2.0F);
    for (std::size_t i = 0; i + 2 < letters.size(); ++i)
      add_feature(made_of, letters[i] + letters[i + 1] + letters[i + 2], 1.0F);
  }
  // Nothing but punctuation: the bytes themselves tell such texts apart.
  if (whole.empty()) whole = text;
  normalise(made_of);

  std::vector<float> own(dimensions);
  std::uint64_t state = stable_hash(whole);
  for (float& x : own)
    x = static_cast<float>(static_cast<double>(next_random(state) >> 11) * 0x1.0p-52 - 1.0);
  normalise(own);

  const auto own_weight = static_cast<float>(std::sqrt(kOwnShare));
  const auto rest_weight = static_cast<float>(std::sqrt(1 - kOwnShare));
  for (std::size_t i = 0; i < dimensions; ++i)
    own[i] = own[i] * own_weight + made_of[i] * rest_weight;
  normalise(own);
  return own;
}

std::string vector_text(const std::vector<float>& vector) {
  std::string text = "[";
  text.reserve(vector.size() * 12);
  for (const float x : vector) {
    if (text.size() > 1) text += ',';
    fmt::format_to(std::back_inserter(text), "{:.6g}", x);
  }
  return text + "]";
}

}  // namespace ryumem::sandbox
