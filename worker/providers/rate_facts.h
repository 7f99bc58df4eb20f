// What a reply says about the rate at which its sender may be asked: advice, never a promise. Each
// figure is there or not; what cannot be read is not there.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/clock.h"
#include "common/net/http_client.h"

namespace ryumem {

struct RateFacts {
  /// Requests or tokens in a window of time, which is mostly a minute.
  struct Allowance {
    std::optional<std::int64_t> limit;
    std::optional<std::int64_t> remaining;  // may be below 0
    std::optional<Millis> reset;            // until all of it is there again

    Allowance() = default;
  };
  Allowance requests;
  Allowance tokens;
  /// How long we were asked to wait before the next call, by a header or in the body.
  std::optional<Millis> retry_after;

  RateFacts() = default;
};

/// The x-ratelimit-* headers (with or without LiteLLM's prefix llm_provider-), and the wait of
/// wait_by_headers().
RateFacts rates_by_headers(const HttpReply& reply);

/// retry-after-ms, or retry-after in seconds or as a date (HttpReply::retry_after).
std::optional<Millis> wait_by_headers(const HttpReply& reply);

/// The wait that a message names: "Please retry in 34.07s", "try again in 6m0s", "after 20
/// seconds".
std::optional<Millis> wait_by_message(std::string_view message);

/// "34.07s", "900ms", "1h2m3s", "6m0s", or bare seconds.
std::optional<Millis> parse_duration(std::string_view text);

}  // namespace ryumem
