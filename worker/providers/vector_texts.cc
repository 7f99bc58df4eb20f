#include "worker/providers/vector_texts.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "common/base/text.h"

namespace ryumem {
namespace {

// How far from 1 a squared length may be: what six digits per number can be off.
constexpr double kTolerance = 1e-4;

int value_of_base64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

std::string bytes_of_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = value_of_base64(c);
    if (value < 0) throw Failure(Kind::bad_answer, "a vector is neither an array nor base64");
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
  }
  return out;
}

double squared_length(const std::vector<float>& vector) {
  double sum = 0;
  for (const float number : vector) sum += static_cast<double>(number) * number;
  return sum;
}

}  // namespace

void VectorTexts::add(const std::vector<float>& vector) {
  text_ += '[';
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (!std::isfinite(vector[i]))
      throw Failure(Kind::bad_answer, "a vector has a number in it that is not finite");
    if (i > 0) text_ += ',';
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), vector[i]);
    text_.append(digits, end);
  }
  text_ += ']';
  places_.emplace_back(text_.size(), vector.size());
}

void VectorTexts::add(const NumberArray& vector) {
  text_ += vector.text;
  places_.emplace_back(text_.size(), vector.length);
}

EmbeddingAnswer VectorTexts::finish(std::int64_t tokens_in) && {
  EmbeddingAnswer out;
  out.tokens_in = tokens_in;
  const auto document = std::make_shared<std::string>(std::move(text_));
  std::size_t from = 0;
  for (const auto& [end, length] : places_) {
    out.vectors.push_back({std::string_view(*document).substr(from, end - from), length});
    from = end;
  }
  out.document = document;
  return out;
}

std::vector<float> floats_of_base64(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  const std::string bytes = bytes_of_base64(text);
  if (bytes.size() % sizeof(float) != 0)
    throw Failure(Kind::bad_answer, "a vector in base64 is not made of whole numbers of 4 bytes");
  std::vector<float> out(bytes.size() / sizeof(float));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

std::vector<float> floats_of(const NumberArray& vector) {
  std::vector<float> out;
  out.reserve(vector.length);
  std::string_view rest = vector.text.substr(1, vector.text.size() - 2);
  while (!trim(rest).empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = trim(rest.substr(0, comma));
    float number = 0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), number);
    // Too small for a float is as good as 0.
    const bool tiny = error == std::errc::result_out_of_range &&
                      std::abs(std::strtod(std::string(item).c_str(), nullptr)) < 1;
    if ((error != std::errc() && !tiny) || end != item.data() + item.size())
      throw Failure(Kind::bad_answer, "a vector has no number at " + excerpt(item, 40));
    out.push_back(tiny ? 0 : number);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return out;
}

EmbeddingAnswer with_unit_length(EmbeddingAnswer answer) {
  VectorTexts texts;
  bool changed = false;
  for (const NumberArray& vector : answer.vectors) {
    std::vector<float> numbers = floats_of(vector);
    const double squares = squared_length(numbers);
    if (squares == 0 || std::abs(squares - 1) < kTolerance) {
      texts.add(vector);
      continue;
    }
    const double length = std::sqrt(squares);
    for (float& number : numbers) number = static_cast<float>(number / length);
    texts.add(numbers);
    changed = true;
  }
  if (!changed) return answer;
  return std::move(texts).finish(answer.tokens_in);
}

}  // namespace ryumem
