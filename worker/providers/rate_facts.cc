#include "worker/providers/rate_facts.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "common/base/text.h"

namespace ryumem {
namespace {

// Longer waits than this are nobody's intention.
constexpr double kLongest = 7 * 86'400.0;

std::string header_of(const HttpReply& reply, const std::string& name) {
  const std::string own = reply.header(name);
  return own.empty() ? reply.header("llm_provider-" + name) : own;
}

// The number at the start of `text`, which loses it.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// The unit at the start of `text`, in seconds, which loses it.
std::optional<double> take_unit(std::string_view& text) {
  // Longer words first: "ms" is no "m".
  constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{{{"milliseconds", 0.001},
                                                                       {"ms", 0.001},
                                                                       {"seconds", 1},
                                                                       {"second", 1},
                                                                       {"d", 86'400},
                                                                       {"h", 3600},
                                                                       {"m", 60},
                                                                       {"s", 1}}};
  for (const auto& [word, seconds] : kUnits)
    if (text.starts_with(word)) {
      text.remove_prefix(word.size());
      return seconds;
    }
  return std::nullopt;
}

std::optional<Millis> millis(double seconds) {
  if (!(seconds >= 0) || seconds > kLongest) return std::nullopt;
  return Millis(std::llround(std::ceil(seconds * 1000)));
}

// A duration at the start of `text`: numbers with units one after the other.
std::optional<double> leading_seconds(std::string_view& text) {
  std::optional<double> sum;
  while (!text.empty() && ((text.front() >= '0' && text.front() <= '9') || text.front() == '.')) {
    std::string_view rest = text;
    const std::optional<double> number = take_number(rest);
    if (!number) break;
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::optional<double> unit = take_unit(rest);
    if (!unit) break;
    sum = sum.value_or(0) + *number * *unit;
    text = rest;
  }
  return sum;
}

std::optional<std::int64_t> whole(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

RateFacts::Allowance allowance(const HttpReply& reply, const std::string& of) {
  RateFacts::Allowance out;
  out.limit = whole(header_of(reply, "x-ratelimit-limit-" + of));
  out.remaining = whole(header_of(reply, "x-ratelimit-remaining-" + of));
  out.reset = parse_duration(header_of(reply, "x-ratelimit-reset-" + of));
  return out;
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
  text = trim(text);
  std::string_view rest = text;
  if (const auto seconds = leading_seconds(rest); seconds && rest.empty()) return millis(*seconds);
  rest = text;
  const auto bare = take_number(rest);
  return bare && rest.empty() ? millis(*bare) : std::nullopt;
}

std::optional<Millis> wait_by_headers(const HttpReply& reply) {
  const std::string in_ms = header_of(reply, "retry-after-ms");
  std::string_view rest = in_ms;
  if (const auto number = take_number(rest); number && rest.empty()) return millis(*number / 1000);
  if (const auto wait = reply.retry_after()) return wait;
  return parse_duration(reply.header("llm_provider-retry-after"));
}

std::optional<Millis> wait_by_message(std::string_view message) {
  const std::string text = lower(message);
  for (const std::string_view words : {"retry in ", "again in ", "retry after ", "again after "}) {
    const std::size_t at = text.find(words);
    if (at == std::string::npos) continue;
    std::string_view rest = std::string_view(text).substr(at + words.size());
    if (const auto seconds = leading_seconds(rest)) return millis(*seconds);
  }
  return std::nullopt;
}

RateFacts rates_by_headers(const HttpReply& reply) {
  RateFacts facts;
  facts.requests = allowance(reply, "requests");
  facts.tokens = allowance(reply, "tokens");
  facts.retry_after = wait_by_headers(reply);
  return facts;
}

}  // namespace ryumem
