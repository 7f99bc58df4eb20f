#include "worker/doctor/system_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

#include "common/base/text.h"
#include "common/ops/file_limit.h"

namespace ryumem {
namespace {

constexpr double kWorkerMemory = 64e6;

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  return text.str();
}

std::string first_line(const std::string& path) {
  return std::string(trim(split(file_text(path), '\n')[0]));
}

std::optional<std::int64_t> limit_in(const std::string& word) {
  if (word == "unlimited") return std::numeric_limits<std::int64_t>::max();
  if (word.empty() || word.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::atoll(word.c_str());
}

void read_limits(const std::string& text, SystemFacts& facts) {
  for (const std::string& line : split(text, '\n')) {
    if (line.rfind("Max open files", 0) != 0) continue;
    std::istringstream words(line.substr(14));
    std::string soft, hard;
    words >> soft >> hard;
    facts.files_soft = limit_in(soft);
    facts.files_hard = limit_in(hard);
  }
}

std::string limit_text(std::int64_t limit) {
  return limit == std::numeric_limits<std::int64_t>::max() ? "unlimited" : std::to_string(limit);
}

// The tightest of a limit from the group up to the root.
std::string tightest(const std::string& mount, std::string group, const char* file) {
  std::string found;
  for (;;) {
    const std::string value = first_line(mount + group + "/" + file);
    const bool tighter = found.empty() || found == "max" ||
                         (value != "max" && std::atof(value.c_str()) < std::atof(found.c_str()));
    if (!value.empty() && tighter) found = value;
    if (group.empty() || group == "/") return found;
    group = group.substr(0, group.rfind('/'));
  }
}

std::string field(const SystemFacts& facts, const char* name) {
  const auto found = facts.status.find(name);
  return found == facts.status.end() ? "" : found->second;
}

void judge_files(const SystemFacts& facts, const Settings& settings, Checkup& checkup) {
  const std::int64_t needed = files_needed(settings);
  if (!facts.files_hard)
    return checkup.skip("file limit", fmt::format("/proc/{}/limits cannot be read", facts.pid));
  const std::string what =
      fmt::format("{} ({} at first), a worker needs {}", limit_text(*facts.files_hard),
                  limit_text(facts.files_soft.value_or(0)), needed);
  if (*facts.files_hard < needed)
    checkup.fail("file limit", what + ": calls will fail when it is busy",
                 fmt::format("set LimitNOFILE={} in the unit, or lower --concurrency", 2 * needed));
  else
    checkup.ok("file limit", what);
}

void judge_group(const SystemFacts& facts, const Settings& settings, Checkup& checkup) {
  if (facts.cgroup.empty()) return checkup.skip("control group", "there is none that can be read");
  std::string what = facts.cgroup;
  for (const auto& [name, value] :
       {std::pair<const char*, std::string>("memory.max", facts.memory_max),
        {"pids.max", facts.pids_max},
        {"cpu.max", facts.cpu_max}})
    if (!value.empty()) what += fmt::format(", {} {}", name, value);
  const double needed = kWorkerMemory * (settings.workers + 1);
  const double memory = std::atof(facts.memory_max.c_str());
  const double pids = std::atof(facts.pids_max.c_str());
  if (memory > 0 && memory < needed)
    checkup.warn(
        "control group",
        what + fmt::format(": {} workers may want {:.0f} MB", settings.workers, needed / 1e6),
        "raise MemoryMax in the unit, or lower --workers");
  else if (pids > 0 && pids < 8 * (settings.workers + 1))
    checkup.warn("control group", what, "raise TasksMax in the unit");
  else
    checkup.ok("control group", what);
}

void judge_sandbox(const SystemFacts& facts, Checkup& checkup) {
  const bool unit =
      facts.cgroup.size() > 8 && facts.cgroup.compare(facts.cgroup.size() - 8, 8, ".service") == 0;
  const bool root = field(facts, "Uid").rfind("0\t", 0) == 0 || field(facts, "Uid") == "0";
  const std::string what =
      fmt::format("user {}, capabilities {}, no new privileges: {}, system calls filtered: {}",
                  split(field(facts, "Uid"), '\t')[0], field(facts, "CapEff"),
                  field(facts, "NoNewPrivs") == "1" ? "yes" : "no",
                  field(facts, "Seccomp") == "2" ? "yes" : "no");
  if (facts.status.empty())
    checkup.skip("sandbox", fmt::format("/proc/{}/status cannot be read", facts.pid));
  else if (facts.cgroup.empty())
    checkup.skip("sandbox", what +
                                "; whether it is a systemd service cannot be told: it is in no "
                                "control group of version 2");
  else if (!unit)
    checkup.skip("sandbox", what + "; it does not run as a systemd service");
  else if (root || field(facts, "NoNewPrivs") != "1" || field(facts, "Seccomp") != "2")
    checkup.warn("sandbox", what,
                 "compare the unit with the one that comes with ryumemd: "
                 "systemd-analyze security ryumemd");
  else
    checkup.ok("sandbox", what);
}

}  // namespace

SystemFacts system_facts(int pid, bool other, const std::string& root) {
  SystemFacts facts;
  facts.pid = pid;
  facts.other = other;
  const std::string proc = fmt::format("{}/proc/{}/", root, pid);
  read_limits(file_text(proc + "limits"), facts);
  for (const std::string& line : split(file_text(proc + "status"), '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos)
      facts.status[line.substr(0, colon)] = std::string(trim(line.substr(colon + 1)));
  }
  const std::string group = first_line(proc + "cgroup");
  if (group.rfind("0::", 0) != 0) return facts;  // version 1 says nothing in one place
  facts.cgroup = group.substr(3);
  const std::string mount = root + "/sys/fs/cgroup";
  const std::string below = facts.cgroup == "/" ? "" : facts.cgroup;
  facts.memory_max = tightest(mount, below, "memory.max");
  facts.pids_max = tightest(mount, below, "pids.max");
  facts.cpu_max = first_line(mount + below + "/cpu.max");
  return facts;
}

void judge_system(const SystemFacts& facts, const Settings& settings, Checkup& checkup) {
  if (facts.other)
    checkup.ok("process", fmt::format("looking at the running ryumemd, pid {}", facts.pid));
  else
    checkup.skip("process",
                 "no ryumemd of this host answers, so these are the limits of this shell");
  judge_files(facts, settings, checkup);
  judge_group(facts, settings, checkup);
  judge_sandbox(facts, checkup);
}

}  // namespace ryumem
