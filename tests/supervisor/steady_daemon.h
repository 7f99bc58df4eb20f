// ryumemd on a free port, with workers in the role of steady_worker.h and an environment file that
// a test may change.
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/common/ops/exposition.h"
#include "tests/supervisor/http_get.h"
#include "tests/supervisor/steady_worker.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace ryumem::test {

class SteadyDaemon {
 public:
  static constexpr Millis kPatience{30'000};

  explicit SteadyDaemon(std::vector<std::string> arguments = {},
                        std::vector<std::string> environment = {})
      : process_(command(std::move(arguments), write_settings("")),
                 variables(std::move(environment))) {
    if (!wait_until(kPatience, [&] { return port() != 0; }))
      throw std::runtime_error("ryumemd did not start: " + process_.err());
  }

  int port() const { return std::atoi(read_file(folder_.file("port")).c_str()); }
  ChildProcess& process() { return process_; }
  SteadyWorkers& workers() { return workers_; }

  double metric(const std::string& series) const {
    const Exposition metrics = read_exposition(http_get(port(), "/metrics").body);
    return metrics.at(series);
  }
  bool comes_to(const std::string& series, double value) const {
    return wait_until(kPatience, [&] { return metric(series) == value; });
  }
  bool ready(int count) const { return comes_to("ryumem_workers{state=\"ready\"}", count); }
  bool says(const std::string& text) const {
    return wait_until(kPatience, [&] { return process_.err().find(text) != std::string::npos; });
  }
  /// Replaces the environment file; gives its path.
  std::string write_settings(const std::string& lines) const {
    return folder_.write("settings.env", lines);
  }

 private:
  static std::vector<std::string> command(std::vector<std::string> more,
                                          const std::string& env_file) {
    std::vector<std::string> out = {program("ryumemd"), "--listen=127.0.0.1:0",
                                    "--env-file=" + env_file};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  std::vector<std::string> variables(std::vector<std::string> more) const {
    std::vector<std::string> out = {
        "LLM_PROVIDER=ollama",
        "EMBEDDING_PROVIDER=ollama",
        "REDIS_URL=redis://127.0.0.1:1",
        "RYUMEM_WORKER_BINARY=" + std::filesystem::read_symlink("/proc/self/exe").string(),
        "RYUMEM_WORKER_PORT_FILE=" + folder_.file("port"),
        "RYUMEM_TEST_STEADY=" + workers_.environment({}).at("RYUMEM_TEST_STEADY")};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  TempDir folder_;
  SteadyWorkers workers_;
  ChildProcess process_;
};

}  // namespace ryumem::test
