// Is this Redis fit to be trusted with jobs?
#pragma once

#include <map>
#include <string>

#include "common/ops/checkup.h"
#include "common/queue/queue.h"

namespace ryumem {

/// What a Redis says of itself.
struct RedisFacts {
  std::map<std::string, std::string> info;    // the fields of INFO
  std::map<std::string, std::string> config;  // of CONFIG GET; empty where that is forbidden
  double round_trip_ms = 0;
  std::string queue_prefix;
  RedisFacts() = default;
};

/// The fields of INFO's text.
std::map<std::string, std::string> read_info(const std::string& text);

/// Version, role, persistence, eviction, memory, distance.
void judge_redis(const RedisFacts& facts, Checkup& checkup);

/// Asks Redis and judges it; then runs one of the queue's scripts, which writes nothing. Gives
/// whether it could be asked at all.
Task<bool> check_redis(Redis& redis, Queue& queue, const std::string& queue_prefix,
                       Checkup& checkup, Cancel& cancel);

}  // namespace ryumem
