// A real sentinel of a test's own.
#pragma once

#include <string>

#include "tests/support/child_process.h"
#include "tests/support/redis_server.h"

namespace ryumem::test {

/// Watches `master` under the name "jobs", and by itself decides on a failover half a second after
/// it is gone.
class Sentinel {
 public:
  explicit Sentinel(const RedisServer& master, const std::string& password = "")
      : port_(free_port()),
        file_(folder_.write("sentinel.conf",
                            "port " + std::to_string(port_) +
                                "\nbind 127.0.0.1\nsentinel monitor jobs 127.0.0.1 " +
                                std::to_string(master.port()) +
                                " 1\nsentinel down-after-milliseconds jobs 500\n"
                                "sentinel failover-timeout jobs 3000\n" +
                                (password.empty() ? "" : "requirepass " + password + "\n"))),
        process_({"redis-server", file_, "--sentinel"}) {}

  int port() const { return port_; }
  /// Without a replica there can be no failover.
  bool knows_a_replica() const {
    return read_file(file_).find("known-replica jobs") != std::string::npos;
  }

 private:
  TempDir folder_;
  int port_;
  std::string file_;  // redis writes what it learns into it
  ChildProcess process_;
};

}  // namespace ryumem::test
