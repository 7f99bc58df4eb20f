// Where a job is, in all the places of docs/job-states.md.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/common/queue/redis_state.h"
#include "tests/support/redis_server.h"

namespace ryumem::test {

/// "pending", "processing in hand", "delayed", "dead", "dead untold"; two places and more are
/// joined by " and "; "nowhere" for none. An owner or a lease outside of processing shows as "in
/// hand".
inline std::string places_of(RedisServer& redis, const std::string& id) {
  std::string found;
  const auto is = [&found](const std::string& place, const char* between) {
    found += (found.empty() ? "" : between) + place;
  };
  const auto has = [&](const char* command, const char* key) {
    return redis.ask({command, std::string("ryumem:") + key, id}) != "(nil)";
  };
  if (has("LPOS", "extraction_jobs")) is("pending", " and ");
  if (has("LPOS", "extraction_processing")) is("processing", " and ");
  if (has("ZSCORE", "delayed")) is("delayed", " and ");
  if (has("ZSCORE", "parked")) is("parked", " and ");
  if (has("ZSCORE", "dead")) is("dead", " and ");
  if (has("ZSCORE", "untold")) is("untold", " ");
  const bool owned = has("HGET", "owners");
  const bool leased = has("ZSCORE", "leases");
  if (owned && leased) is("in hand", " ");
  if (owned != leased) is(owned ? "owned without a lease" : "leased without an owner", " ");
  return found.empty() ? "nowhere" : found;
}

/// The job's body and its time to live, as "BODY for a day".
inline std::string body_of(RedisServer& redis, const std::string& id) {
  const std::string key = "ryumem:job:" + id;
  return redis.ask({"GET", key}) + lifetime(redis, key);
}

/// All that is in Redis, with the leases to the millisecond.
inline std::vector<std::string> snapshot(RedisServer& redis) {
  std::vector<std::string> lines = state_of(redis);
  lines.erase(
      std::remove_if(lines.begin(), lines.end(),
                     [](const std::string& line) { return line.rfind("ryumem:leases ", 0) == 0; }),
      lines.end());
  lines.push_back(redis.ask({"ZRANGE", "ryumem:leases", "0", "-1", "WITHSCORES"}));
  return lines;
}

}  // namespace ryumem::test
