#include "worker/doctor/redis_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

using testing::HasSubstr;

// A Redis that is as it should be.
RedisFacts good() {
  RedisFacts facts;
  facts.info = {{"redis_version", "7.0.15"},
                {"role", "master"},
                {"aof_enabled", "1"},
                {"aof_last_write_status", "ok"},
                {"rdb_last_bgsave_status", "ok"},
                {"used_memory", "1000000"},
                {"maxmemory", "100000000"},
                {"maxmemory_policy", "noeviction"}};
  facts.config = {{"save", ""}, {"appendfsync", "everysec"}};
  facts.round_trip_ms = 0.3;
  facts.queue_prefix = "ryumem:";
  return facts;
}

Check check_of(const RedisFacts& facts, const std::string& thing) {
  Checkup checkup;
  judge_redis(facts, checkup);
  for (const Check& check : checkup.checks())
    if (check.thing == thing) return check;
  return Check();
}

TEST(RedisInfo, IsReadFieldByField) {
  const auto fields = read_info("# Server\r\nredis_version:7.0.15\r\nos:Linux 6:1\r\n\r\n");
  EXPECT_EQ(fields.at("redis_version"), "7.0.15");
  EXPECT_EQ(fields.at("os"), "Linux 6:1");
  EXPECT_EQ(fields.size(), 2u);
}

TEST(RedisChecks, FindNothingWrongWithAGoodOne) {
  Checkup checkup;
  judge_redis(good(), checkup);
  for (const Check& check : checkup.checks()) EXPECT_EQ(check.health, Health::ok) << check.thing;
}

struct Case {
  const char* name;
  std::map<std::string, std::string> info;  // what is different
  std::map<std::string, std::string> config;
  const char* thing;
  Health health;
  const char* says;
};

class BadRedis : public testing::TestWithParam<Case> {};

TEST_P(BadRedis, IsNamedWithWhatToDo) {
  RedisFacts facts = good();
  for (const auto& [name, value] : GetParam().info) facts.info[name] = value;
  for (const auto& [name, value] : GetParam().config) facts.config[name] = value;
  const Check check = check_of(facts, GetParam().thing);
  EXPECT_EQ(check.health, GetParam().health);
  EXPECT_THAT(check.what, HasSubstr(GetParam().says));
  EXPECT_NE(check.remedy, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadRedis,
    testing::Values(
        Case{"TooOld", {{"redis_version", "6.0.16"}}, {}, "redis version", Health::fail, "6.0.16"},
        Case{"NoVersion", {{"redis_version", ""}}, {}, "redis version", Health::fail, "unknown"},
        Case{"Replica", {{"role", "slave"}}, {}, "redis role", Health::fail, "takes no writes"},
        Case{"Cluster", {{"cluster_enabled", "1"}}, {}, "redis cluster", Health::fail, "slots"},
        Case{"NothingOnDisk",
             {{"aof_enabled", "0"}},
             {},
             "redis persistence",
             Health::warn,
             "loses all jobs"},
        Case{"SnapshotsOnly",
             {{"aof_enabled", "0"}},
             {{"save", "3600 1"}},
             "redis persistence",
             Health::warn,
             "snapshots only (save 3600 1)"},
        Case{"SnapshotFailed",
             {{"rdb_last_bgsave_status", "err"}},
             {},
             "redis persistence",
             Health::fail,
             "refuses writes"},
        Case{"FileFailed",
             {{"aof_last_write_status", "err"}},
             {},
             "redis persistence",
             Health::fail,
             "append-only file failed"},
        Case{"NoFlush", {}, {{"appendfsync", "no"}}, "redis persistence", Health::warn, "flushed"},
        Case{"Evicts",
             {{"maxmemory_policy", "allkeys-lru"}},
             {},
             "redis eviction",
             Health::fail,
             "thrown away"},
        Case{"WouldEvict",
             {{"maxmemory_policy", "volatile-ttl"}, {"maxmemory", "0"}},
             {},
             "redis eviction",
             Health::warn,
             "without effect"},
        Case{
            "NearlyFull", {{"used_memory", "80000000"}}, {}, "redis memory", Health::warn, "80 MB"},
        Case{"Full", {{"used_memory", "99000000"}}, {}, "redis memory", Health::fail, "refused"}),
    [](const testing::TestParamInfo<Case>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace ryumem
