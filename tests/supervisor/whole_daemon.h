// ryumemd with real workers, between a Redis and a sandbox.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/supervisor/http_get.h"
#include "tests/worker/processes.h"

namespace ryumem::test {

class WholeDaemon {
 public:
  /// `variables` go before those that name `redis` and `sandbox`.
  /// `prefix`: a command that runs another one, elsewhere.
  WholeDaemon(const RedisServer& redis, const SandboxProcess& sandbox,
              const std::vector<std::string>& variables,
              const std::vector<std::string>& arguments = {},
              const std::vector<std::string>& prefix = {})
      : process_(command(prefix, arguments), worker_environment(redis, sandbox, variables)) {}

  int port() const { return std::atoi(read_file(folder_.file("port")).c_str()); }
  ChildProcess& process() { return process_; }
  bool ready() {
    return wait_until(kPatience,
                      [&] { return port() != 0 && http_get(port(), "/readyz").status == 200; });
  }

 private:
  std::vector<std::string> command(std::vector<std::string> out,
                                   const std::vector<std::string>& more) const {
    const std::vector<std::string> usual = {program("ryumemd"), "--listen=127.0.0.1:0",
                                            "--workers=1", "--port-file=" + folder_.file("port")};
    out.insert(out.end(), usual.begin(), usual.end());
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  TempDir folder_;
  ChildProcess process_;
};

}  // namespace ryumem::test
