// All that is in a Redis, in words: what a test compares before and after.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "tests/support/redis_server.h"

namespace ryumem::test {

/// A key's time to live in words. A few seconds may have passed since it was set.
inline std::string lifetime(RedisServer& redis, const std::string& key) {
  const int seconds = std::atoi(redis.ask({"TTL", key}).c_str());
  const auto about = [&](int whole) { return seconds <= whole && seconds > whole - 30; };
  if (seconds == -1) return "";
  if (about(86400)) return " for a day";
  if (about(3600)) return " for an hour";
  return " for " + std::to_string(seconds) + " s";
}

/// One line per key, sorted: "KEY list [left,…,right]", "KEY string VALUE for a day",
/// "KEY hash {field=value,…}". Nothing in Redis escapes it.
inline std::vector<std::string> state_of(RedisServer& redis) {
  std::vector<std::string> lines;
  const std::string keys = redis.ask({"KEYS", "*"});
  if (keys.empty()) return lines;
  for (const std::string& key : split(keys, '\n')) {
    const std::string type = redis.ask({"TYPE", key});
    std::string line = key + " " + type + " ";
    if (type == "string") {
      line += redis.ask({"GET", key});
    } else if (type == "list") {
      line += "[" + replace_all(redis.ask({"LRANGE", key, "0", "-1"}), "\n", ",") + "]";
    } else if (type == "hash") {
      const std::vector<std::string> parts = split(redis.ask({"HGETALL", key}), '\n');
      std::vector<std::string> fields;
      for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
        fields.push_back(parts[i] + "=" + parts[i + 1]);
      std::sort(fields.begin(), fields.end());
      line += "{";
      for (const std::string& field : fields) line += (line.back() == '{' ? "" : ",") + field;
      line += "}";
    }
    lines.push_back(line + lifetime(redis, key));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace ryumem::test
