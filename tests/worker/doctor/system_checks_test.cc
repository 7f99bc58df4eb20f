#include "worker/doctor/system_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A process 7 as systemd runs it, below a folder of the test's.
class SystemChecks : public testing::Test {
 protected:
  SystemChecks() {
    settings.concurrency = 64;
    settings.callback_concurrency = 8;
    settings.workers = 2;
    put("proc/7/limits",
        "Limit                     Soft Limit           Hard Limit           Units\n"
        "Max processes             100                  100                  processes\n"
        "Max open files            1024                 524288               files\n");
    put("proc/7/status",
        "Name:\tryumemd\nUid:\t999\t999\t999\t999\nCapEff:\t0000000000000000\n"
        "NoNewPrivs:\t1\nSeccomp:\t2\n");
    put("proc/7/cgroup", "0::/system.slice/ryumemd.service\n");
    put("sys/fs/cgroup/system.slice/ryumemd.service/memory.max", "max\n");
    put("sys/fs/cgroup/system.slice/memory.max", "2000000000\n");
    put("sys/fs/cgroup/system.slice/ryumemd.service/pids.max", "64\n");
    put("sys/fs/cgroup/system.slice/ryumemd.service/cpu.max", "max 100000\n");
  }
  void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder.file(path)).parent_path());
    folder.write(path, text);
  }
  Check check_of(const std::string& thing) {
    Checkup checkup;
    judge_system(system_facts(7, true, folder.path()), settings, checkup);
    for (const Check& check : checkup.checks())
      if (check.thing == thing) return check;
    return Check();
  }
  test::TempDir folder;
  Settings settings;
};

TEST_F(SystemChecks, FindWhatSystemdReallyApplied) {
  EXPECT_EQ(check_of("file limit").health, Health::ok);
  EXPECT_THAT(check_of("file limit").what, HasSubstr("524288 (1024 at first), a worker needs 136"));
  EXPECT_EQ(check_of("control group").health, Health::ok);
  EXPECT_THAT(check_of("control group").what,
              AllOf(HasSubstr("/system.slice/ryumemd.service"), HasSubstr("memory.max 2000000000"),
                    HasSubstr("pids.max 64"), HasSubstr("cpu.max max 100000")));
  EXPECT_EQ(check_of("sandbox").health, Health::ok);
  EXPECT_THAT(check_of("sandbox").what, HasSubstr("user 999"));
}

TEST_F(SystemChecks, NameALimitThatIsTooLow) {
  put("proc/7/limits", "Max open files            100                  100                files\n");
  EXPECT_EQ(check_of("file limit").health, Health::fail);
  EXPECT_THAT(check_of("file limit").remedy, HasSubstr("LimitNOFILE=272"));
  put("sys/fs/cgroup/system.slice/ryumemd.service/memory.max", "50000000\n");
  EXPECT_EQ(check_of("control group").health, Health::warn);
  EXPECT_THAT(check_of("control group").what, HasSubstr("2 workers may want 192 MB"));
}

TEST_F(SystemChecks, NameASandboxThatIsNotThere) {
  put("proc/7/status", "Uid:\t0\t0\t0\t0\nNoNewPrivs:\t0\nSeccomp:\t0\n");
  EXPECT_EQ(check_of("sandbox").health, Health::warn);
  put("proc/7/cgroup", "0::/user.slice/session-1.scope\n");
  EXPECT_EQ(check_of("sandbox").health, Health::skipped);
  EXPECT_THAT(check_of("sandbox").what, HasSubstr("does not run as a systemd service"));
  put("proc/7/cgroup", "4:memory:/x\n1:name=systemd:/system.slice/ryumemd.service\n");
  EXPECT_EQ(check_of("sandbox").health, Health::skipped);
  EXPECT_THAT(check_of("sandbox").what, HasSubstr("cannot be told"));
}

TEST_F(SystemChecks, SayWhatCannotBeRead) {
  Checkup checkup;
  judge_system(system_facts(8, false, folder.path()), settings, checkup);
  for (const Check& check : checkup.checks())
    EXPECT_EQ(check.health, Health::skipped) << check.thing;
}

TEST(SystemFacts, AreThoseOfARealProcess) {
  const SystemFacts facts = system_facts(getpid(), false);
  EXPECT_GT(facts.files_hard.value_or(0), 0);
  EXPECT_EQ(facts.status.at("Pid"), std::to_string(getpid()));
}

}  // namespace
}  // namespace ryumem
