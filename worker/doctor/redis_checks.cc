#include "worker/doctor/redis_checks.h"

#include <fmt/format.h>

#include <cstdlib>

#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr double kFarAway = 20;  // ms

std::string field(const std::map<std::string, std::string>& fields, const char* name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

double number(const std::map<std::string, std::string>& fields, const char* name) {
  return std::atof(field(fields, name).c_str());
}

void judge_version(const RedisFacts& facts, Checkup& checkup) {
  const std::string version = field(facts.info, "redis_version");
  const std::vector<std::string> parts = split(version, '.');
  const int major = std::atoi(parts[0].c_str());
  const int minor = parts.size() > 1 ? std::atoi(parts[1].c_str()) : 0;
  if (major > 6 || (major == 6 && minor >= 2))
    checkup.ok("redis version", version);
  else
    checkup.fail("redis version", (version.empty() ? "unknown" : version) + ": LMOVE is missing",
                 "use Redis 6.2 or newer");
  const std::string role = field(facts.info, "role");
  if (role != "master" && !role.empty())
    checkup.fail("redis role", "it is a " + role + ", which takes no writes",
                 "let REDIS_URL name the primary");
  if (field(facts.info, "cluster_enabled") == "1" &&
      facts.queue_prefix.find('{') == std::string::npos)
    checkup.fail("redis cluster", "the queue's keys would lie in different slots",
                 "put a {tag} into RYUMEM_WORKER_QUEUE_PREFIX, for the server as well");
}

void judge_persistence(const RedisFacts& facts, Checkup& checkup) {
  const bool aof = field(facts.info, "aof_enabled") == "1";
  const bool stops = field(facts.config, "stop-writes-on-bgsave-error") != "no";
  if (field(facts.info, "aof_last_write_status") == "err")
    checkup.fail("redis persistence", "its last write to the append-only file failed",
                 "look at the disk and the log of Redis");
  else if (field(facts.info, "rdb_last_bgsave_status") == "err" && stops)
    checkup.fail("redis persistence", "its last snapshot failed, so it refuses writes",
                 "look at the disk and the log of Redis");
  else if (aof && field(facts.config, "appendfsync") == "no")
    checkup.warn("redis persistence", "append-only file, flushed when the system likes",
                 "set appendfsync everysec");
  else if (aof)
    checkup.ok(
        "redis persistence",
        "append-only file, appendfsync " +
            (facts.config.empty() ? std::string("unknown") : field(facts.config, "appendfsync")));
  else if (facts.config.empty())
    checkup.warn("redis persistence", "no append-only file; CONFIG is forbidden, snapshots unknown",
                 "set appendonly yes");
  else if (field(facts.config, "save").empty())
    checkup.warn("redis persistence",
                 "nothing is written to disk: a restart of Redis loses all jobs",
                 "set appendonly yes");
  else
    checkup.warn("redis persistence",
                 "snapshots only (save " + field(facts.config, "save") +
                     "): a crash loses the jobs since the last one",
                 "set appendonly yes");
}

void judge_memory(const RedisFacts& facts, Checkup& checkup) {
  const double used = number(facts.info, "used_memory");
  const double limit = number(facts.info, "maxmemory");
  const std::string policy = field(facts.info, "maxmemory_policy");
  if (policy == "noeviction" || policy.empty())
    checkup.ok("redis eviction", policy.empty() ? "unknown" : policy);
  else if (limit > 0)
    checkup.fail("redis eviction",
                 policy + ": when memory is full, jobs are thrown away in silence",
                 "set maxmemory-policy noeviction");
  else
    checkup.warn("redis eviction", policy + ", without effect as long as maxmemory is 0",
                 "set maxmemory-policy noeviction");
  const double most = limit > 0 ? limit : number(facts.info, "total_system_memory");
  const std::string what = fmt::format("{:.0f} MB used of {:.0f} MB ({})", used / 1e6, most / 1e6,
                                       limit > 0 ? "maxmemory" : "the machine's");
  if (most > 0 && used > 0.95 * most)
    checkup.fail("redis memory", what + ": writes are refused when it is full",
                 "raise maxmemory, or see what fills it");
  else if (most > 0 && used > 0.75 * most)
    checkup.warn("redis memory", what, "raise maxmemory, or see what fills it");
  else
    checkup.ok("redis memory", what);
}

std::map<std::string, std::string> pairs_of(const RedisReply& reply) {
  std::map<std::string, std::string> pairs;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
    pairs[reply.items[i].text] = reply.items[i + 1].text;
  return pairs;
}

}  // namespace

std::map<std::string, std::string> read_info(const std::string& text) {
  std::map<std::string, std::string> fields;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && line[0] != '#')
      fields[line.substr(0, colon)] = std::string(trim(line.substr(colon + 1)));
  }
  return fields;
}

void judge_redis(const RedisFacts& facts, Checkup& checkup) {
  judge_version(facts, checkup);
  judge_persistence(facts, checkup);
  judge_memory(facts, checkup);
  const std::string what = fmt::format("{:.1f} ms for a round trip", facts.round_trip_ms);
  if (facts.round_trip_ms > kFarAway)
    checkup.warn("redis distance", what + ": each job takes a dozen of them",
                 "put the workers nearer to Redis");
  else
    checkup.ok("redis distance", what);
}

Task<bool> check_redis(Redis& redis, Queue& queue, const std::string& queue_prefix,
                       Checkup& checkup, Cancel& cancel) {
  RedisFacts facts;
  facts.queue_prefix = queue_prefix;
  std::string script_trouble;
  try {
    RedisCommand info = {"INFO"};
    const RedisReply told = co_await redis.command(std::move(info), cancel);
    facts.info = read_info(told.text);
    RedisCommand config = {"CONFIG", "GET", "*"};
    try {
      const RedisReply settings = co_await redis.command(std::move(config), cancel);
      facts.config = pairs_of(settings);
    } catch (const Failure&) {
      cancel.throw_if_requested();  // else it is forbidden, which is judged
    }
    const Monotonic::time_point before = Monotonic::now();
    RedisCommand ping = {"PING"};
    co_await redis.command(std::move(ping), cancel);
    facts.round_trip_ms = seconds_between(before, Monotonic::now()) * 1000;
  } catch (const Failure& failure) {
    const std::string why = redis.trouble().empty() ? failure.what() : redis.trouble();
    checkup.fail("redis", why, "check REDIS_URL, and that Redis runs and can be reached from here");
    co_return false;
  }
  checkup.ok("redis", "it answers");
  judge_redis(facts, checkup);
  try {
    const Depths depths = co_await queue.depths(cancel);
    checkup.ok("redis queue",
               fmt::format("{} pending, {} processing, {} delayed, {} dead", depths.pending,
                           depths.processing, depths.delayed, depths.dead));
  } catch (const Failure& failure) {
    checkup.fail(
        "redis queue", failure.what(),
        "allow EVAL and the keys of the prefix to this user; ryumemctl audit names keys of "
        "the wrong type");
  }
  co_return true;
}

}  // namespace ryumem
