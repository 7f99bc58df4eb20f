// The limits of a provider: so many requests and tokens a minute, for each path and key. Whoever
// asks for more is refused, and told how long to wait.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "common/base/clock.h"
#include "common/net/http_message.h"

namespace ryumem::sandbox {

struct RateLimits {
  int requests = 0;     // a minute; 0: no limit
  int tokens = 0;       // likewise
  bool sliding = true;  // within any minute; or else from a bucket that fills up again all the time
  bool told = true;     // in headers: what is allowed, what is left, how long to wait
};

class RateLimiter {
 public:
  explicit RateLimiter(RateLimits limits) : limits_(limits) {}

  /// Is there anything to enforce?
  bool on() const { return limits_.requests > 0 || limits_.tokens > 0; }

  struct Ruling {
    bool allowed = true;
    Millis wait{0};  // if not: until it would be allowed
    std::map<std::string, std::string> headers;

    Ruling() = default;
  };
  /// May a call go on that takes so many tokens? If so, it is counted. `caller`: whose limit it is.
  Ruling rule(const std::string& caller, std::int64_t tokens, Monotonic::time_point now);

  /// What each caller was allowed and refused since the figures were cleared, as JSON.
  std::string json() const;
  void clear_figures();

 private:
  struct Call {
    Monotonic::time_point at;
    std::int64_t tokens;
  };
  /// How much is there, and when what is wanted will be.
  struct Stock {
    double left = 0;
    double seconds_to_wait = 0;  // until the wanted amount is there
    double seconds_to_full = 0;
  };
  struct Caller {
    std::deque<Call> calls;  // of the last minute
    double requests = 0;     // in the bucket
    double tokens = 0;
    bool known = false;
    Monotonic::time_point filled;
    std::int64_t allowed = 0;
    std::int64_t allowed_tokens = 0;
    std::int64_t refused = 0;

    Caller() = default;
  };
  void bring_up_to(Caller& caller, Monotonic::time_point now) const;
  Stock stock(const Caller& caller, bool of_tokens, double wanted, Monotonic::time_point now) const;

  RateLimits limits_;
  std::map<std::string, Caller> callers_;
};

/// How many tokens an answer of a model says it took, in whatever wire; what the question's length
/// suggests if it does not say.
std::int64_t tokens_taken(const HttpQuery& query, const HttpAnswer& answer);

/// Whose limit a question counts against: its path and key.
std::string caller_of(const HttpQuery& query);

}  // namespace ryumem::sandbox
