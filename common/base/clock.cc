#include "common/base/clock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace ryumem {
namespace {

// Takes `count` digits off the front of `text`; -1 if they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Milliseconds of ".123456", and none if there is no fraction.
int take_fraction(std::string_view& text) {
  if (!take(text, ".,")) return 0;
  int millis = 0;
  for (int worth = 100; !text.empty() && text.front() >= '0' && text.front() <= '9'; worth /= 10) {
    millis += (text.front() - '0') * worth;
    text.remove_prefix(1);
  }
  return millis;
}

// Minutes east of UTC of what is left of a timestamp; nothing if that is no zone.
std::optional<int> zone_of(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const bool west = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const int hours = take_digits(text, 2);
  take(text, ":");
  const int minutes = text.empty() ? 0 : take_digits(text, 2);
  if (hours < 0 || minutes < 0 || !text.empty()) return std::nullopt;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::uint64_t monotonic_ns() {
  const auto now = Monotonic::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

std::int64_t boottime_ms() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

double seconds_between(Monotonic::time_point from, Monotonic::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string utc_timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()) %
      std::chrono::seconds(1);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}", utc, micros.count());
}

std::optional<std::int64_t> timestamp_ms(std::string_view text) {
  std::tm utc{};
  utc.tm_year = take_digits(text, 4) - 1900;
  const bool day = take(text, "-") && (utc.tm_mon = take_digits(text, 2) - 1) >= 0 &&
                   take(text, "-") && (utc.tm_mday = take_digits(text, 2)) >= 0;
  const bool time = day && take(text, "Tt ") && (utc.tm_hour = take_digits(text, 2)) >= 0 &&
                    take(text, ":") && (utc.tm_min = take_digits(text, 2)) >= 0 &&
                    take(text, ":") && (utc.tm_sec = take_digits(text, 2)) >= 0;
  if (!time || utc.tm_year < 70) return std::nullopt;
  const int millis = take_fraction(text);
  const std::optional<int> zone = zone_of(text);
  if (!zone) return std::nullopt;
  return (static_cast<std::int64_t>(timegm(&utc)) - *zone * 60) * 1000 + millis;
}

}  // namespace ryumem
