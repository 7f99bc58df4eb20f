#include "common/ops/prices.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr double kNanosInDollar = 1e9;
constexpr double kMillion = 1e6;
constexpr std::size_t kColumns = 4;

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream in{std::string(line.substr(0, line.find('#')))};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

NanoUsd price_in(const std::string& place, const std::string& word) {
  const std::optional<NanoUsd> price = parse_usd(word);
  if (!price)
    throw Failure(
        Kind::configuration,
        fmt::format("{}: \"{}\" is not a price in dollars for a million tokens, such as 0.30",
                    place, excerpt(word, 40)));
  return *price;
}

bool fits(const Price& row, std::string_view model) {
  if (row.model.ends_with('*'))
    return model.starts_with(std::string_view(row.model).substr(0, row.model.size() - 1));
  return row.model == model;
}

}  // namespace

// By hand: the library's reader of numbers takes "inf", "nan" and "0x1" as well.
std::optional<NanoUsd> parse_usd(std::string_view text) {
  constexpr std::size_t kMostDigits = 9;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point == text.npos ? "" : text.substr(point + 1);
  const auto digits = [](std::string_view word) {
    return word.find_first_not_of("0123456789") == word.npos;
  };
  if (whole.empty() || whole.size() > kMostDigits || !digits(whole) || !digits(part) ||
      part.size() > kMostDigits || (point != text.npos && part.empty()))
    return std::nullopt;
  std::string nanos(part);
  nanos.resize(kMostDigits, '0');
  return std::stoll(std::string(whole)) * static_cast<NanoUsd>(kNanosInDollar) + std::stoll(nanos);
}

Prices Prices::shipped() { return parse(shipped_price_table(), "shipped price table"); }

Prices Prices::parse(std::string_view text, const std::string& source) {
  Prices table;
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    const std::string place = fmt::format("{}:{}", source, ++number);
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    if (words.size() != kColumns)
      throw Failure(Kind::configuration,
                    fmt::format("{}: expected PROVIDER MODEL INPUT OUTPUT, for example: openai "
                                "gpt-4o-mini 0.15 0.60",
                                place));
    Price row;
    row.provider = words[0];
    row.model = words[1];
    row.in = price_in(place, words[2]);
    row.out = price_in(place, words[3]);
    table.rows_.push_back(std::move(row));
  }
  return table;
}

Prices Prices::read(const std::string& path) {
  if (path.empty()) return shipped();
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file)
    throw Failure(
        Kind::configuration,
        fmt::format(
            "RYUMEM_WORKER_PRICE_FILE: {}: cannot read it; check the path and its permissions",
            path));
  return parse(text.str(), path);
}

const Price* Prices::find(std::string_view provider, std::string_view model) const {
  const Price* best = nullptr;
  for (const Price& row : rows_) {
    if (row.provider != provider || !fits(row, model)) continue;
    if (row.model == model) return &row;
    if (best == nullptr || row.model.size() >= best->model.size()) best = &row;
  }
  return best;
}

std::optional<NanoUsd> Prices::cost(std::string_view provider, std::string_view model,
                                    std::int64_t tokens_in, std::int64_t tokens_out) const {
  const Price* price = find(provider, model);
  if (price == nullptr) return std::nullopt;
  const double nanos = static_cast<double>(price->in) * static_cast<double>(tokens_in) +
                       static_cast<double>(price->out) * static_cast<double>(tokens_out);
  return static_cast<NanoUsd>(std::llround(nanos / kMillion));
}

}  // namespace ryumem
