// Two hosts on one Redis, each in a network namespace of its own: what one holds the other takes
// over when it is killed or cut off, and what an operator says on one holds on both.
#include <csignal>
#include <set>

#include "tests/supervisor/whole_daemon.h"
#include "tests/support/network.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::ChildProcess;
using test::kPatience;
using test::OtherHost;
using test::wait_until;
using test::WholeDaemon;
using testing::HasSubstr;

using Words = std::vector<std::string>;

struct Wires {
  OtherHost one{1};
  OtherHost two{2};
  bool there() const { return one.there() && two.there(); }
  // Where Redis and the sandbox are for both hosts.
  std::string address() const { return there() ? one.gateway() : "127.0.0.1"; }
};

class TwoHosts : protected Wires, public test::WorkerTest {
 protected:
  TwoHosts()
      : WorkerTest(
            {"--bind", there() ? "127.0.0.1 " + address() : "127.0.0.1", "--protected-mode", "no"},
            address()) {}
  void SetUp() override {
    if (!there()) GTEST_SKIP() << "no network namespaces can be made here";
  }
  Words variables() const {
    return {"REDIS_URL=redis://" + address() + ":" + std::to_string(redis.port()),
            "RYUMEM_WORKER_LEASE_SECONDS=3", "RYUMEM_WORKER_CONCURRENCY=2"};
  }
  std::unique_ptr<WholeDaemon> start(const OtherHost& host) {
    return std::make_unique<WholeDaemon>(redis, sandbox, variables(), Words(), host.prefix());
  }
  // What ryumemctl prints there.
  std::string ctl(const OtherHost& host, const Words& words) {
    Words command = host.prefix();
    command.push_back(test::program("ryumemctl"));
    command.insert(command.end(), words.begin(), words.end());
    ChildProcess process(command, variables());
    EXPECT_EQ(process.wait(kPatience), 0) << process.err();
    return process.out();
  }
  static bool started(WholeDaemon& daemon) {
    return wait_until(kPatience,
                      [&] { return daemon.process().err().find("ready: ") != std::string::npos; });
  }
  std::string owner_of(const std::string& id) { return redis.ask({"HGET", "ryumem:owners", id}); }
  // A job in hand, whose call does not return until heal().
  void put_in_hand(const std::string& id) {
    sandbox.inject(R"({"path":"/api/chat","hang":true})");
    put(id);
    ASSERT_TRUE(wait_until(kPatience, [&] { return owner_of(id) != "(nil)"; }));
    ASSERT_TRUE(calls_come("/api/chat", 1));
  }
  bool changes_hands(const std::string& id, const std::string& before) {
    return wait_until(kPatience, [&] {
      const std::string now = owner_of(id);
      return now != "(nil)" && now != before;
    });
  }
  static std::vector<pid_t> workers_of(pid_t supervisor) {
    const std::string pid = std::to_string(supervisor);
    std::vector<pid_t> found;
    for (const std::string& child :
         split(test::read_file("/proc/" + pid + "/task/" + pid + "/children"), ' '))
      if (!child.empty()) found.push_back(std::atoi(child.c_str()));
    return found;
  }
};

TEST_F(TwoHosts, TheOtherOneTakesOverWhatAKilledOneHeld) {
  const std::unique_ptr<WholeDaemon> first = start(one);
  ASSERT_TRUE(started(*first)) << first->process().err();
  put_in_hand("a");
  const std::string before = owner_of("a");
  const std::unique_ptr<WholeDaemon> second = start(two);
  ASSERT_TRUE(started(*second)) << second->process().err();
  const std::vector<pid_t> workers = workers_of(first->process().pid());
  ASSERT_FALSE(workers.empty());
  first->process().signal(SIGSTOP);  // so that it takes nothing back
  for (const pid_t pid : workers) kill(pid, SIGKILL);
  first->process().signal(SIGKILL);
  ASSERT_TRUE(changes_hands("a", before)) << second->process().err();
  sandbox.heal();
  EXPECT_TRUE(becomes("a", "completed")) << second->process().err();
  EXPECT_EQ(completions(), (std::map<std::string, int>{{"a", 1}}));
}

TEST_F(TwoHosts, TheOtherOneTakesOverFromOneThatIsCutOffWhichThenDoesNothingTwice) {
  const std::unique_ptr<WholeDaemon> first = start(one);
  ASSERT_TRUE(started(*first)) << first->process().err();
  put_in_hand("a");
  const std::string before = owner_of("a");
  const std::unique_ptr<WholeDaemon> second = start(two);
  ASSERT_TRUE(started(*second)) << second->process().err();
  // Redis and the sandbox have an address on that wire, which goes with it; hence this end stays.
  ASSERT_TRUE(test::ip({"-n", one.name(), "link", "set", "eth0", "down"}));
  ASSERT_TRUE(changes_hands("a", before)) << second->process().err();
  sandbox.heal();
  EXPECT_TRUE(becomes("a", "completed")) << second->process().err();
  ASSERT_TRUE(test::ip({"-n", one.name(), "link", "set", "eth0", "up"}));
  test::ip({"-n", one.name(), "route", "replace", "default", "via", one.gateway()});
  // It is back as soon as it works on jobs again.
  second->process().signal(SIGTERM);
  EXPECT_EQ(second->process().wait(kPatience), 0);
  put("b");
  EXPECT_TRUE(becomes("b", "completed")) << first->process().err();
  EXPECT_EQ(completions(), (std::map<std::string, int>{{"a", 1}, {"b", 1}}));
}

TEST_F(TwoHosts, WhatIsPausedOnOneIsPausedOnBoth) {
  const std::unique_ptr<WholeDaemon> first = start(one);
  const std::unique_ptr<WholeDaemon> second = start(two);
  ASSERT_TRUE(started(*first)) << first->process().err();
  ASSERT_TRUE(started(*second)) << second->process().err();
  ctl(one, {"pause", "--reason", "the database moves"});
  EXPECT_THAT(ctl(two, {"status"}), HasSubstr("the database moves"));
  for (WholeDaemon* daemon : {first.get(), second.get()})
    EXPECT_TRUE(wait_until(kPatience, [&] {
      return daemon->process().err().find("no jobs are taken: ") != std::string::npos;
    })) << daemon->process().err();
  put("a");
  ctl(two, {"resume"});
  EXPECT_TRUE(becomes("a", "completed"));
}

TEST_F(TwoHosts, EachShowsTheFleetAndMissesOneThatWasCutOff) {
  const std::unique_ptr<WholeDaemon> first = start(one);
  const std::unique_ptr<WholeDaemon> second = start(two);
  ASSERT_TRUE(started(*first)) << first->process().err();
  ASSERT_TRUE(started(*second)) << second->process().err();
  const auto supervisors = [&](const OtherHost& host, const char* which) {
    const JsonDocument document = JsonDocument::parse(ctl(host, {"status", "--redis", "--json"}));
    std::set<std::int64_t> pids;
    for (const JsonValue member : document.root()["fleet"].items())
      if (member[which].boolean() == true) pids.insert(member["pid"].integer().value_or(0));
    return pids;
  };
  const std::set<std::int64_t> both = {first->process().pid(), second->process().pid()};
  for (const OtherHost* host : {&one, &two})
    EXPECT_TRUE(wait_until(kPatience, [&] { return supervisors(*host, "ready") == both; }))
        << ctl(*host, {"status", "--redis"});
  // The supervisor itself says it, on its own host.
  const std::string url = "http://127.0.0.1:" + std::to_string(first->port());
  EXPECT_TRUE(wait_until(kPatience, [&] {
    const std::string text = ctl(one, {"status", "--url", url});
    return text.find("SUPERVISOR ON") != std::string::npos &&
           text.find(" " + std::to_string(second->process().pid()) + " ") != std::string::npos;
  })) << ctl(one, {"status", "--url", url});
  ASSERT_TRUE(test::ip({"-n", one.name(), "link", "set", "eth0", "down"}));
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return supervisors(two, "silent") == std::set<std::int64_t>{first->process().pid()};
  })) << ctl(two, {"status", "--redis"});
  // One that ends as asked is not missed.
  second->process().signal(SIGTERM);
  EXPECT_EQ(second->process().wait(kPatience), 0);
  EXPECT_EQ(redis.ask({"HLEN", "ryumem:fleet"}), "1");
}

TEST_F(TwoHosts, OneRefusedKeyHoldsBothAndOneOfThemTriesForBoth) {
  sandbox.inject(R"({"path":"/internal","status":403,"body":"Invalid internal key"})");
  const std::unique_ptr<WholeDaemon> first = start(one);
  const std::unique_ptr<WholeDaemon> second = start(two);
  ASSERT_TRUE(started(*first)) << first->process().err();
  ASSERT_TRUE(started(*second)) << second->process().err();
  put("a");
  for (int i = 0; i < 8; ++i) put("b" + std::to_string(i));
  const auto tries = [&] {
    const std::string said = redis.ask({"HVALS", "ryumem:circuits"});
    if (said.rfind('{', 0) != 0) return std::int64_t{0};
    const JsonDocument open = JsonDocument::parse(said);
    return open.root()["failures"].integer().value_or(0);
  };
  EXPECT_TRUE(wait_until(kPatience, [&] { return tries() >= 3; })) << first->process().err();
  // Both may have been refused before they heard of each other; from then on each try is one job's,
  // with its entities side by side.
  const std::int64_t made = tries();
  constexpr std::int64_t kEntities = 3;
  EXPECT_LE(static_cast<std::int64_t>(sandbox.call_lines("/internal").size()),
            kEntities * (made + 1 + 2 * 2));
  EXPECT_EQ(redis.ask({"ZCARD", "ryumem:dead"}), "0");
  sandbox.heal();
  EXPECT_TRUE(becomes("a", "completed")) << first->process().err();
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(becomes("b" + std::to_string(i), "completed"));
  EXPECT_TRUE(wait_until(kPatience, [&] { return redis.ask({"HLEN", "ryumem:circuits"}) == "0"; }));
}

}  // namespace
}  // namespace ryumem
