// ryumemd with its real workers between Redis and a sandbox, when parts of it are killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/common/ops/exposition.h"
#include "tests/supervisor/host.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::Host;
using test::http_get;
using test::kPatience;
using test::wait_until;
using testing::HasSubstr;

class Takeover : public test::WorkerTest {
 protected:
  std::string owner_of(const std::string& id) { return redis.ask({"HGET", "ryumem:owners", id}); }
  // Two jobs in the hands of `host`, whose calls do not return until heal().
  void fill_hands(Host& host) {
    ASSERT_TRUE(host.ready()) << host.process().err();
    sandbox.inject(R"({"path":"/api/chat","hang":true})");
    for (const char* id : {"a", "b"}) put(id);
    ASSERT_TRUE(calls_come("/api/chat", 2)) << host.process().err();
  }
};

TEST_F(Takeover, AKilledWorkersJobsAreBackWithinASecondAndAreCompleted) {
  Host host(redis, sandbox);
  fill_hands(host);
  const std::string before = owner_of("a");
  const Monotonic::time_point killed = Monotonic::now();
  host.kill_workers();
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return owner_of("a") != before && redis.ask({"HGET", "ryumem:journal:b", "crashes"}) == "1";
  }));
  EXPECT_LT(seconds_between(killed, Monotonic::now()), 1.0);
  sandbox.heal();
  for (const char* id : {"a", "b"}) EXPECT_TRUE(becomes(id, "completed")) << host.process().err();
  EXPECT_EQ(completions(), (std::map<std::string, int>{{"a", 1}, {"b", 1}}));
  const test::Exposition metrics = test::read_exposition(http_get(host.port(), "/metrics").body);
  EXPECT_EQ(metrics.at("ryumem_taken_back_jobs_total{from=\"dead_worker\"}"), 2);
  EXPECT_EQ(metrics.at("ryumem_calls_in_doubt_total{cause=\"crash\"}"), 2);
}

TEST_F(Takeover, AnotherHostTakesOverFromOneThatVanished) {
  Host first(redis, sandbox);
  fill_hands(first);
  Host second(redis, sandbox);
  ASSERT_TRUE(second.ready()) << second.process().err();
  const std::string before = owner_of("a");
  const std::vector<pid_t> workers = first.workers();
  ASSERT_EQ(workers.size(), 1u);
  const Monotonic::time_point killed = Monotonic::now();
  first.process().signal(SIGSTOP);  // so that it takes nothing back
  for (const pid_t pid : workers) kill(pid, SIGKILL);
  first.process().signal(SIGKILL);
  EXPECT_TRUE(wait_until(kPatience, [&] {
    const std::string now = owner_of("a");
    return now != "(nil)" && now != before;
  })) << second.process().err();
  EXPECT_LT(seconds_between(killed, Monotonic::now()), 3 + 5);
  sandbox.heal();
  for (const char* id : {"a", "b"}) EXPECT_TRUE(becomes(id, "completed")) << second.process().err();
  EXPECT_EQ(completions(), (std::map<std::string, int>{{"a", 1}, {"b", 1}}));
  const test::Exposition metrics = test::read_exposition(http_get(second.port(), "/metrics").body);
  EXPECT_EQ(metrics.at("ryumem_taken_back_jobs_total{from=\"expired_lease\"}"), 2);
}

TEST_F(Takeover, ReadyzSaysWhichDependencyIsOut) {
  Host host(redis, sandbox, {"OLLAMA_BASE_URL=http://127.0.0.1:1", "RYUMEM_WORKER_CALL_TRIES=1"});
  ASSERT_TRUE(host.ready()) << host.process().err();
  put("a");
  ASSERT_TRUE(wait_until(kPatience, [&] { return http_get(host.port(), "/readyz").status == 503; }))
      << host.process().err();
  EXPECT_THAT(http_get(host.port(), "/readyz").body, HasSubstr("circuit chat_model: "));
  EXPECT_THAT(http_get(host.port(), "/readyz").body, HasSubstr("127.0.0.1:1"));
  EXPECT_EQ(http_get(host.port(), "/livez").status, 200);
}

}  // namespace
}  // namespace ryumem
