// Time as this program reads it: one monotonic clock for durations, one wall clock for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ryumem {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// CLOCK_MONOTONIC: comparable between processes of one host, never stepped.
using Monotonic = std::chrono::steady_clock;

/// Nanoseconds of CLOCK_MONOTONIC, as they are stored in the scoreboard.
std::uint64_t monotonic_ns();

/// Milliseconds since the machine was started, those it was suspended for included: what a lease is
/// measured by.
std::int64_t boottime_ms();

/// Seconds between two readings, for histograms.
double seconds_between(Monotonic::time_point from, Monotonic::time_point to);

/// Now as the server's producer writes `created_at`: UTC, microseconds, no zone.
std::string utc_timestamp();

/// What a timestamp of that form says, in ms since 1970; also with fewer digits or none behind the
/// second, and with a zone ("Z", "+02:00"). Nothing for any other text.
std::optional<std::int64_t> timestamp_ms(std::string_view text);

}  // namespace ryumem
