// A real Redis of a test's own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace ryumem::test {

/// A port on 127.0.0.1 that nobody listens on at this moment.
int free_port();

/// A private redis-server on a free port of 127.0.0.1 that writes nothing to disk. Ended by the
/// destructor, and by the kernel when the test process dies. All calls block.
class RedisServer {
 public:
  /// Starts it and waits until it answers. `arguments`: more of redis-server's own, such as
  /// {"--requirepass", "secret"}. Throws std::runtime_error with the server's log if it does not.
  explicit RedisServer(std::vector<std::string> arguments = {});
  ~RedisServer();

  int port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  /// A Unix socket of the same server.
  std::string socket_path() const { return folder_.file("socket"); }

  /// Sends one command on a connection that is kept, and gives the reply as text: an integer in
  /// digits, nil as "(nil)", an error as "(error) …", an array's elements one per line.
  /// Throws std::runtime_error if the server is not there. Binary-safe.
  std::string ask(const std::vector<std::string>& command);

  /// SIGKILL, and waits for its end: all data is gone.
  void kill();
  /// SIGSTOP: connections stay open and nothing is answered. resume() lets it go on.
  void freeze();
  void resume();
  /// Kills it if it runs, and starts it empty on the same port.
  void restart();

 private:
  struct Connection;
  void start();
  bool answers();
  TempDir folder_;
  std::vector<std::string> arguments_;
  int port_;
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace ryumem::test
