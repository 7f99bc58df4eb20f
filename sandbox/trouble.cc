#include "sandbox/trouble.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <ctime>

namespace ryumem::sandbox {
namespace {

constexpr std::array<std::string_view, 12> kTroubles{
    "none",       "bad_key", "model_missing", "model_retired", "rate_limit", "quota",
    "overloaded", "broken",  "too_long",      "filtered",      "refusal",    "blocked"};
constexpr std::array<std::string_view, 8> kHints{"usual", "none",     "seconds", "milliseconds",
                                                 "date",  "prefixed", "details", "message"};

std::string http_date(std::time_t at) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(at));
}

// Nobody is told to come back too early.
std::int64_t whole_seconds(Millis wait) { return (wait.count() + 999) / 1000; }

}  // namespace

std::optional<Trouble> trouble_from(std::string_view name) {
  for (std::size_t i = 1; i < kTroubles.size(); ++i)
    if (kTroubles.at(i) == name) return static_cast<Trouble>(i);
  return std::nullopt;
}

std::optional<Hint> hint_from(std::string_view name) {
  for (std::size_t i = 0; i < kHints.size(); ++i)
    if (kHints.at(i) == name) return static_cast<Hint>(i);
  return std::nullopt;
}

std::string_view name(Trouble trouble) { return kTroubles.at(static_cast<std::size_t>(trouble)); }

std::map<std::string, std::string> headers_of(Hint hint, Millis wait) {
  const std::string seconds = std::to_string(whole_seconds(wait));
  if (hint == Hint::seconds) return {{"Retry-After", seconds}};
  if (hint == Hint::prefixed) return {{"llm_provider-retry-after", seconds}};
  if (hint == Hint::milliseconds)
    return {{"Retry-After-Ms", std::to_string(wait.count())}, {"Retry-After", seconds}};
  if (hint == Hint::date) {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return {{"Date", http_date(now)}, {"Retry-After", http_date(now + whole_seconds(wait))}};
  }
  return {};
}

std::string in_seconds(Millis wait) {
  return fmt::format("{}s", static_cast<double>(wait.count()) / 1000);
}

}  // namespace ryumem::sandbox
