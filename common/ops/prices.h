// What calls to models cost: a table that the operator may replace (--price-file).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// Money in billionths of a US dollar: a token of the cheapest model is some twenty of them.
using NanoUsd = std::int64_t;

/// What one model costs, for a million tokens.
struct Price {
  std::string provider;
  std::string model;  // "gpt-4o", or "gpt-4o*" for all that begin so
  NanoUsd in = 0;
  NanoUsd out = 0;

  Price() = default;
};

/// The rows of a table of prices. Each line is
///
///   PROVIDER MODEL INPUT OUTPUT      # US dollars for a million tokens
///
/// with blanks between; MODEL may end in * for all that begin so, and the longest row that fits a
/// model counts. Empty lines and what follows a # are left out.
class Prices {
 public:
  /// The table that this version has with it.
  static Prices shipped();
  /// The table in `text`; `source` names it in errors. Throws Failure(Kind::configuration) with
  /// "SOURCE:LINE: what".
  static Prices parse(std::string_view text, const std::string& source);
  /// The table in that file; the shipped one if `path` is empty. Throws
  /// Failure(Kind::configuration).
  static Prices read(const std::string& path);

  /// What a call cost; nothing if the model has no price here.
  std::optional<NanoUsd> cost(std::string_view provider, std::string_view model,
                              std::int64_t tokens_in, std::int64_t tokens_out) const;

  std::size_t size() const { return rows_.size(); }

 private:
  const Price* find(std::string_view provider, std::string_view model) const;

  std::vector<Price> rows_;
};

/// Dollars as people write them, "12.5", at most a billion. Nothing if it is not such a number.
std::optional<NanoUsd> parse_usd(std::string_view text);

/// The shipped table as text.
std::string_view shipped_price_table();

}  // namespace ryumem
