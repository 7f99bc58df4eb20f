// ryumemd with its real workers, between a Redis and a sandbox.
#pragma once

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/common/ops/exposition.h"
#include "tests/supervisor/http_get.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/processes.h"

namespace ryumem::test {

/// A supervisor with one worker of several jobs at a time. `more`: variables, which go first.
class Host {
 public:
  Host(const RedisServer& redis, const SandboxProcess& sandbox, std::vector<std::string> more = {})
      : process_({program("ryumemd"), "--listen=127.0.0.1:0", "--workers=1", "--concurrency=4",
                  "--lease=3", "--port-file=" + folder_.file("port")},
                 with(worker_environment(redis, sandbox, {}), std::move(more))) {}

  int port() const { return std::atoi(read_file(folder_.file("port")).c_str()); }
  ChildProcess& process() { return process_; }
  bool ready() {
    return wait_until(kPatience,
                      [&] { return port() != 0 && http_get(port(), "/readyz").status == 200; });
  }
  std::vector<pid_t> workers() const {
    const std::string pid = std::to_string(process_.pid());
    std::vector<pid_t> found;
    for (const std::string& child :
         split(read_file("/proc/" + pid + "/task/" + pid + "/children"), ' '))
      if (!child.empty()) found.push_back(std::atoi(child.c_str()));
    return found;
  }
  void signal_workers(int signal) const {
    for (const pid_t pid : workers()) kill(pid, signal);
  }
  void kill_workers() const { signal_workers(SIGKILL); }
  Exposition metrics() const { return read_exposition(http_get(port(), "/metrics").body); }

 private:
  // The last of a name is the one that counts.
  static std::vector<std::string> with(std::vector<std::string> usual,
                                       std::vector<std::string> more) {
    usual.insert(usual.end(), more.begin(), more.end());
    return usual;
  }
  TempDir folder_;
  ChildProcess process_;
};

}  // namespace ryumem::test
