// Children of ryumemd that are none of its workers: whoever left them to it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "tests/common/ops/exposition.h"
#include "tests/supervisor/fake_worker.h"
#include "tests/supervisor/http_get.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace ryumem {
namespace {

using test::ChildProcess;
using test::FakeWorker;
using test::wait_until;

constexpr Millis kPatience{20'000};

// ryumemd with one worker, started by a wrapper that ends in becoming it.
class Wrapped {
 public:
  Wrapped(const std::string& worker, std::vector<std::string> wrapper)
      : process_(command(std::move(wrapper)),
                 {"LLM_PROVIDER=ollama", "EMBEDDING_PROVIDER=ollama",
                  "REDIS_URL=redis://127.0.0.1:1", "RYUMEM_WORKER_BINARY=" + worker,
                  "RYUMEM_WORKER_PORT_FILE=" + folder_.file("port")}) {}

  ChildProcess& process() { return process_; }
  bool has_reaped(double count) const {
    return wait_until(kPatience, [&] {
      const int port = std::atoi(test::read_file(folder_.file("port")).c_str());
      if (port == 0) return false;
      const test::Exposition metrics = test::read_exposition(test::http_get(port, "/metrics").body);
      return metrics.at("ryumem_orphans_reaped_total") == count;
    });
  }
  /// Process ids of its children, those that have ended and were not collected among them.
  std::vector<int> children() const {
    std::istringstream text(
        test::read_file(fmt::format("/proc/{0}/task/{0}/children", process_.pid())));
    std::vector<int> out;
    for (int pid = 0; text >> pid;) out.push_back(pid);
    return out;
  }

 private:
  static std::vector<std::string> command(std::vector<std::string> wrapper) {
    wrapper.insert(wrapper.end(),
                   {test::program("ryumemd"), "--listen=127.0.0.1:0", "--workers=1"});
    return wrapper;
  }
  test::TempDir folder_;
  ChildProcess process_;
};

TEST(RyumemdsOrphans, AreCollectedWhenAWrapperLeavesThemToIt) {
  FakeWorker fake(test::kPatient);
  Wrapped daemon(fake.path(), {"sh", "-c", "sleep 0.05 & sleep 1 & exec \"$@\"", "sh"});
  ASSERT_TRUE(daemon.has_reaped(2)) << daemon.process().err();
  ASSERT_EQ(fake.count(), 1u);
  EXPECT_EQ(daemon.children(), std::vector<int>{fake.starts()[0].pid});
}

TEST(RyumemdsOrphans, AreCollectedWhenAWorkerLeavesThem) {
  FakeWorker fake("(sleep 0.05 &)\n" + std::string(test::kPatient));
  Wrapped daemon(fake.path(), {});
  ASSERT_TRUE(daemon.has_reaped(1)) << daemon.process().err();
  EXPECT_EQ(daemon.children(), std::vector<int>{fake.starts()[0].pid});
}

// Who inherits that SIGCHLD is ignored would never learn how its children ended.
TEST(RyumemdsOrphans, AndWorkersAreToldApartAlsoWhenItsParentIgnoredTheSignal) {
  FakeWorker fake(test::kPatient);
  Wrapped daemon(fake.path(), {"env", "--ignore-signal=CHLD"});
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 1; })) << daemon.process().err();
  kill(fake.starts()[0].pid, SIGKILL);
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 2; })) << daemon.process().err();
  EXPECT_THAT(daemon.process().err(), testing::HasSubstr("killed by signal 9 (Killed)"));
  EXPECT_TRUE(daemon.has_reaped(0));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
}

}  // namespace
}  // namespace ryumem
