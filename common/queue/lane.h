// What processes say to each other, through Redis, about the rate at which a model may be asked. A
// lane is one model of one provider with one key: whatever the provider counts together.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/clock.h"

namespace ryumem {

/// Requests and tokens a minute; 0: no limit is known.
struct PerMinute {
  double requests = 0;
  double tokens = 0;

  PerMinute() = default;
  PerMinute(double the_requests, double the_tokens) : requests(the_requests), tokens(the_tokens) {}
  bool any() const { return requests > 0 || tokens > 0; }
};

/// What a process has to say and wants.
struct LaneAsk {
  std::string lane;
  PerMinute configured;       // by an operator; goes before what replies told
  PerMinute told;             // by replies
  std::int64_t requests = 0;  // wanted; below 0: given back
  std::int64_t tokens = 0;    // likewise
  std::int64_t answered = 0;  // calls since it asked last
  std::int64_t refused = 0;   // calls since then that were too many
  Millis wait{0};             // the longest that it was asked to wait since then

  LaneAsk() = default;
};

struct LaneReply {
  std::int64_t requests = 0;  // granted
  std::int64_t tokens = 0;    // likewise
  PerMinute all;              // what all processes may send together
  int processes = 1;          // how many share it
  Millis wait{0};             // until anybody may send
  std::int64_t refusals = 0;  // how many times calls were refused: another number is another time

  LaneReply() = default;
};

}  // namespace ryumem
