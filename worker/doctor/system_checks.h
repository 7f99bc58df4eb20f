// What the system really gives a process: limits, control group, sandbox, as seen from /proc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/ops/checkup.h"
#include "common/ops/options.h"

namespace ryumem {

struct SystemFacts {
  int pid = 0;
  bool other = false;                      // not this process but a running supervisor
  std::optional<std::int64_t> files_soft;  // LimitNOFILE; the most there is: unlimited
  std::optional<std::int64_t> files_hard;
  std::map<std::string, std::string> status;  // the fields of /proc/PID/status
  std::string cgroup;                         // its path below /sys/fs/cgroup
  std::string memory_max;                     // of the group or the tightest above it; "" or "max"
  std::string pids_max;
  std::string cpu_max;
  SystemFacts() = default;
};

/// Reads what this process may read; what it may not is left out. `root` is where / is, for tests.
SystemFacts system_facts(int pid, bool other, const std::string& root = "");

void judge_system(const SystemFacts& facts, const Settings& settings, Checkup& checkup);

}  // namespace ryumem
