// What becomes of a real worker under a real supervisor in bad times.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "tests/common/ops/exposition.h"
#include "tests/supervisor/http_get.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::ChildProcess;
using test::wait_until;
using testing::HasSubstr;
using testing::Not;

constexpr Millis kPatience{40'000};

class Household {
 public:
  explicit Household(std::vector<std::string> arguments = {}, std::vector<std::string> wrapper = {})
      : process_(
            command(std::move(wrapper), std::move(arguments)),
            {"LLM_PROVIDER=ollama", "EMBEDDING_PROVIDER=ollama", "WORKER_INTERNAL_KEY=k-3-y",
             "REDIS_URL=redis://127.0.0.1:1", "RYUMEM_WORKER_PORT_FILE=" + folder_.file("port")}) {}

  ChildProcess& process() { return process_; }
  int pid() const { return process_.pid(); }
  bool comes_to(const std::string& series, double value) const {
    return wait_until(kPatience, [&] { return metric(series) == value; });
  }
  bool comes_past(const std::string& series, double value) const {
    return wait_until(kPatience, [&] { return metric(series) > value; });
  }
  bool ready(int count) const { return comes_to("ryumem_workers{state=\"ready\"}", count); }
  std::vector<int> workers() const {
    std::istringstream text(test::read_file(fmt::format("/proc/{0}/task/{0}/children", pid())));
    std::vector<int> out;
    for (int worker = 0; text >> worker;) out.push_back(worker);
    return out;
  }
  static std::string proc(int pid, const char* file) {
    return test::read_file(fmt::format("/proc/{}/{}", pid, file));
  }

 private:
  /// -1 before it listens.
  double metric(const std::string& series) const {
    const int port = std::atoi(test::read_file(folder_.file("port")).c_str());
    if (port == 0) return -1;
    return test::read_exposition(test::http_get(port, "/metrics").body).at(series);
  }
  static std::vector<std::string> command(std::vector<std::string> wrapper,
                                          const std::vector<std::string>& more) {
    wrapper.insert(wrapper.end(),
                   {test::program("ryumemd"), "--listen=127.0.0.1:0", "--workers=2"});
    wrapper.insert(wrapper.end(), more.begin(), more.end());
    return wrapper;
  }
  test::TempDir folder_;
  ChildProcess process_;
};

TEST(WorkersLife, EndsWithAStackInTheLogWhenItIsToldToAbort) {
  Household house;
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  const int hung = house.workers().front();
  kill(hung, SIGABRT);
  ASSERT_TRUE(house.comes_to("ryumem_worker_restarts_total{reason=\"signal\"}", 1));
  ASSERT_TRUE(house.ready(2));
  EXPECT_THAT(house.process().err(),
              HasSubstr(fmt::format("ryumem-worker[{}]: signal 6, the stack:\n", hung)));
  EXPECT_THAT(house.process().err(), HasSubstr("uv_run"));
  EXPECT_THAT(house.process().err(), HasSubstr("ryumem-worker(main"));
  EXPECT_THAT(house.process().err(),
              HasSubstr(fmt::format("pid {} killed by signal 6 (Aborted) after", hung)));
}

// A stopped process neither beats nor writes a stack: what is sure to end it is KILL.
TEST(WorkersLife, EndsWhenItsHeartStopsAndTheOthersGoOn) {
  Household house({"--heartbeat-limit=3"});
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  const std::vector<int> before = house.workers();
  kill(before[0], SIGSTOP);
  ASSERT_TRUE(house.comes_to("ryumem_worker_restarts_total{reason=\"hang\"}", 1));
  ASSERT_TRUE(house.ready(2));
  EXPECT_THAT(house.workers(), testing::Contains(before[1]));
  EXPECT_THAT(house.process().err(), HasSubstr("has been silent for"));
}

// The scoreboard is memory and the clock is monotonic, so a heart needs no disk to be heard.
TEST(WorkersLife, GoesOnWhereTheLogCannotBeWritten) {
  Household house({"--heartbeat-limit=3"}, {"sh", "-c", "exec \"$@\" 2>/dev/full", "sh"});
  ASSERT_TRUE(house.ready(2));
  const std::vector<int> before = house.workers();
  const Monotonic::time_point enough = Monotonic::now() + Seconds(8);  // longer than the limit
  wait_until(Seconds(9), [&] { return Monotonic::now() > enough; });
  EXPECT_TRUE(house.comes_to("ryumem_worker_restarts_total{reason=\"hang\"}", 0));
  EXPECT_EQ(house.workers(), before);
  house.process().signal(SIGTERM);
  EXPECT_EQ(house.process().wait(kPatience), 0);
}

TEST(WorkersLife, IsWhatTheKernelTakesFirstWhenMemoryRunsOut) {
  Household house;
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  const int own = std::atoi(Household::proc(house.pid(), "oom_score_adj").c_str());
  for (const int worker : house.workers())
    EXPECT_GE(std::atoi(Household::proc(worker, "oom_score_adj").c_str()),
              std::min(own + 300, 1000));
}

TEST(WorkersLife, KeepsItsSecretsFromProcAndFromCores) {
  Household house;
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  std::vector<int> all = house.workers();
  all.push_back(house.pid());
  for (const int pid : all) {
    const std::string environment = Household::proc(pid, "environ");
    EXPECT_THAT(environment, HasSubstr("WORKER_INTERNAL_KEY=xxxxx"));
    EXPECT_THAT(environment, Not(HasSubstr("k-3-y")));
    EXPECT_THAT(Household::proc(pid, "limits"),
                testing::ContainsRegex("Max core file size +[01] +"));
  }
}

TEST(WorkersLife, MayLeaveCoresWhereTheOperatorWantsThem) {
  Household house({"--core-dumps=true"});
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  for (const int worker : house.workers()) {
    const std::string limits = Household::proc(worker, "limits");
    std::istringstream line(limits.substr(limits.find("Max core file size") + 18));
    std::string soft, hard;
    line >> soft >> hard;
    EXPECT_EQ(soft, hard);
  }
}

TEST(WorkersLife, WarnsOfCoresThatAreWantedAndThatTheSystemForbids) {
  Household house({"--core-dumps=true"}, {"sh", "-c", "ulimit -c 0; exec \"$@\"", "sh"});
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  EXPECT_THAT(house.process().err(), HasSubstr("set LimitCORE=infinity"));
}

TEST(WorkersLife, IsOverInGoodOrderWhenItHasServedLongEnough) {
  Household house({"--recycle-age=2"});
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  ASSERT_TRUE(house.comes_past("ryumem_worker_restarts_total{reason=\"age\"}", 1));
  EXPECT_THAT(house.process().err(), HasSubstr("is to be replaced (age)"));
}

TEST(WorkersLife, IsNotBegunWithTooFewDescriptors) {
  Household house({"--concurrency=200"}, {"sh", "-c", "ulimit -n 128; exec \"$@\"", "sh"});
  EXPECT_EQ(house.process().wait(kPatience), 71);
  EXPECT_THAT(house.process().err(),
              HasSubstr("2 workers with 200 jobs at once may need 515 file descriptors, and the "
                        "system allows 128: set LimitNOFILE=1030"));
}

TEST(WorkersLife, HasAllTheDescriptorsThatTheSystemAllows) {
  Household house({}, {"sh", "-c", "ulimit -Sn 64; exec \"$@\"", "sh"});
  ASSERT_TRUE(house.ready(2)) << house.process().err();
  for (const int worker : house.workers())
    EXPECT_THAT(Household::proc(worker, "limits"),
                Not(testing::ContainsRegex("Max open files +64 ")));
}

}  // namespace
}  // namespace ryumem
