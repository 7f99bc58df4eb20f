// All that is in a Redis, in words: what a test compares before and after.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <regex>
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

/// A moment of Redis' clock, in ms, as seen from now: "now", "in 20 s", "30 s ago", in steps of 5
/// s, since a moment has passed since it was written.
inline std::string moment(RedisServer& redis, const std::string& ms) {
  const std::string now = redis.ask({"TIME"});
  const std::int64_t here = std::atoll(now.c_str()) * 1000;
  const std::int64_t ahead = std::atoll(ms.c_str()) - here;
  constexpr std::int64_t kStep = 5000;
  if (ahead > 1000) return "in " + std::to_string((ahead - 1000 + kStep - 1) / kStep * 5) + " s";
  if (ahead > -kStep) return "now";
  return std::to_string(-ahead / kStep * 5) + " s ago";
}

/// The same for each number in `text` that is a moment of this century in ms.
inline std::string with_moments(RedisServer& redis, const std::string& text) {
  static const std::regex kMoment("\\b[12][0-9]{12}\\b");
  std::string out;
  std::string rest = text;
  for (std::smatch found; std::regex_search(rest, found, kMoment); rest = found.suffix())
    out += found.prefix().str() + moment(redis, found.str());
  return out + rest;
}

/// "a …,b …" of lines that alternate, in their order or sorted.
inline std::string pairs_of(const std::string& lines, const char* between, bool sorted,
                            const std::function<std::string(const std::string&)>& value) {
  const std::vector<std::string> parts = split(lines, '\n');
  std::vector<std::string> pairs;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    pairs.push_back(parts[i] + between + value(parts[i + 1]));
  if (sorted) std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const std::string& pair : pairs) out += (out.empty() ? "" : ",") + pair;
  return out;
}

/// One line per key, sorted: "KEY list [left,…,right]", "KEY string VALUE for a day",
/// "KEY hash {field=value,…}", "KEY zset {member in 20 s,…}". Nothing in Redis escapes it.
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
      line += "{" +
              pairs_of(redis.ask({"HGETALL", key}), "=", true,
                       [&](const std::string& text) { return with_moments(redis, text); }) +
              "}";
    } else if (type == "zset") {
      const std::string pairs = redis.ask({"ZRANGE", key, "0", "-1", "WITHSCORES"});
      line += "{" +
              pairs_of(pairs, " ", false,
                       [&](const std::string& score) { return moment(redis, score); }) +
              "}";
    }
    lines.push_back(line + lifetime(redis, key));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// The same without what outlives the jobs: the days' accounts of what was spent, the rates of
/// models, and what was found out about a model's server.
inline std::vector<std::string> state_of_jobs(RedisServer& redis) {
  std::vector<std::string> lines = state_of(redis);
  std::erase_if(lines, [](const std::string& line) {
    return line.rfind("ryumem:spend:", 0) == 0 || line.rfind("ryumem:found:", 0) == 0 ||
           line.rfind("ryumem:lane:", 0) == 0;
  });
  return lines;
}

}  // namespace ryumem::test
