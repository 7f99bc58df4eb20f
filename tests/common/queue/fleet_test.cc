// What supervisors hear of each other, by a real Redis.
#include "common/queue/fleet.h"

#include "common/base/json.h"
#include "tests/common/queue/queue_bench.h"

namespace ryumem::test {
namespace {

Member member(const std::string& name) {
  Member out;
  out.name = name;
  out.host = "db1";
  out.pid = 42;
  out.version = "0.1.0";
  out.uptime = 7.5;
  out.reason = "redis: \"gone\"";
  out.workers_ready = 1;
  out.workers_wanted = 2;
  out.in_hand = 3;
  out.completed = 4;
  return out;
}

TEST(Fleet, HearsOfEachOther) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Fleet fleet(bench.queue);
    const Member b = member("b");
    const Member a = member("a");
    co_await fleet.tell(b, bench.cancel);
    const std::vector<Member> told = co_await fleet.tell(a, bench.cancel);
    if (told.size() != 2) throw Failure(Kind::internal, std::to_string(told.size()) + " members");
    EXPECT_EQ(told[0].name, "a");
    EXPECT_EQ(told[1].name, "b");
    EXPECT_EQ(told[1].host, "db1");
    EXPECT_EQ(told[1].pid, 42);
    EXPECT_EQ(told[1].version, "0.1.0");
    EXPECT_EQ(told[1].uptime, 7.5);
    EXPECT_FALSE(told[1].ready);
    EXPECT_EQ(told[1].reason, "redis: \"gone\"");
    EXPECT_EQ(told[1].workers_ready, 1);
    EXPECT_EQ(told[1].workers_wanted, 2);
    EXPECT_EQ(told[1].in_hand, 3);
    EXPECT_EQ(told[1].completed, 4);
    EXPECT_FALSE(told[1].silent());
  });
}

TEST(Fleet, ForgetsOneThatLeft) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Fleet fleet(bench.queue);
    const Member a = member("a");
    co_await fleet.tell(a, bench.cancel);
    co_await fleet.leave("a", bench.cancel);
    const std::vector<Member> left = co_await fleet.list(bench.cancel);
    EXPECT_TRUE(left.empty());
  });
}

// What it said, so many seconds ago.
void said(RedisServer& server, const std::string& name, int ago, const std::string& what) {
  server.ask({"HSET", "ryumem:fleet", name, from_now(server, -ago) + " " + what});
}

TEST(Fleet, MissesOneThatFellSilentForAQuarterOfAnHour) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    said(bench.server, "recent", 30, R"({"host":"db2","pid":7})");
    said(bench.server, "old", 1000, R"({"host":"db3"})");
    Fleet fleet(bench.queue);
    const Member a = member("a");
    const std::vector<Member> heard = co_await fleet.tell(a, bench.cancel);
    if (heard.size() != 2) throw Failure(Kind::internal, std::to_string(heard.size()) + " members");
    EXPECT_EQ(heard[1].host, "db2");
    EXPECT_TRUE(heard[1].silent());
    EXPECT_GE(heard[1].heard, 29);
    EXPECT_EQ(bench.server.ask({"HEXISTS", "ryumem:fleet", "old"}), "0");
  });
}

TEST(Fleet, ShowsAMemberWhoseWordsCannotBeRead) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    said(bench.server, "broken", 1, "{{{");
    bench.server.ask({"HSET", "ryumem:fleet", "worse", "no time"});
    Fleet fleet(bench.queue);
    const std::vector<Member> heard = co_await fleet.list(bench.cancel);
    if (heard.size() != 1) throw Failure(Kind::internal, std::to_string(heard.size()) + " members");
    EXPECT_EQ(heard[0].name, "broken");
    EXPECT_EQ(heard[0].reason, "what it says cannot be read");
  });
}

TEST(Fleet, CanReadAMemberWhoseReasonIsNotUtf8) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    Member a = member("a");
    a.reason = "a proxy's \xe9rror";
    Fleet fleet(bench.queue);
    const std::vector<Member> heard = co_await fleet.tell(a, bench.cancel);
    EXPECT_EQ(heard.at(0).pid, 42);
    EXPECT_EQ(heard.at(0).reason, "a proxy's \xef\xbf\xbdrror");
  });
}

TEST(Fleet, DoesNotBelieveInWordsOfAnotherTime) {
  RedisServer server;
  with_queue(server, [](QueueBench& bench) -> Task<> {
    said(bench.server, "later", -86'400, R"({"host":"db2"})");
    Fleet fleet(bench.queue);
    const std::vector<Member> heard = co_await fleet.list(bench.cancel);
    EXPECT_TRUE(heard.empty());
  });
}

TEST(Fleet, ReadsAsJsonWhatItWrites) {
  const std::string json = fleet_as_json({member("a")}).print();
  const JsonDocument document = JsonDocument::parse(json);
  const Member read = read_member(document.root().items().at(0));
  EXPECT_EQ(fleet_as_json({read}).print(), json);
}

}  // namespace
}  // namespace ryumem::test
