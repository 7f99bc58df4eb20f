// ryumemd with its real workers between Redis and a sandbox, when parts of it are killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/common/ops/exposition.h"
#include "tests/supervisor/http_get.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::http_get;
using test::kPatience;
using test::wait_until;
using testing::HasSubstr;

// A supervisor with one worker of several jobs at a time.
class Host {
 public:
  Host(const test::RedisServer& redis, const test::SandboxProcess& sandbox,
       std::vector<std::string> more = {})
      : process_({test::program("ryumemd"), "--listen=127.0.0.1:0", "--workers=1",
                  "--concurrency=4", "--lease=3", "--port-file=" + folder_.file("port")},
                 with(test::worker_environment(redis, sandbox, {}), std::move(more))) {}

  int port() const { return std::atoi(test::read_file(folder_.file("port")).c_str()); }
  test::ChildProcess& process() { return process_; }
  bool ready() {
    return wait_until(kPatience,
                      [&] { return port() != 0 && http_get(port(), "/readyz").status == 200; });
  }
  std::vector<pid_t> workers() const {
    const std::string pid = std::to_string(process_.pid());
    std::vector<pid_t> found;
    for (const std::string& child :
         split(test::read_file("/proc/" + pid + "/task/" + pid + "/children"), ' '))
      if (!child.empty()) found.push_back(std::atoi(child.c_str()));
    return found;
  }
  void kill_workers() const {
    for (const pid_t pid : workers()) kill(pid, SIGKILL);
  }

 private:
  // The last of a name is the one that counts.
  static std::vector<std::string> with(std::vector<std::string> usual,
                                       std::vector<std::string> more) {
    usual.insert(usual.end(), more.begin(), more.end());
    return usual;
  }
  test::TempDir folder_;
  test::ChildProcess process_;
};

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
