// Two hosts on one Redis, each in a network namespace of its own: what one holds the other takes
// over when it is killed or cut off, and what an operator says on one holds on both.
#include <csignal>

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

}  // namespace
}  // namespace ryumem
