// Programs that a test starts, watches and ends.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "tests/support/temp_dir.h"

namespace ryumem::test {

/// One process. Its output goes to files that can be read at any time. It is killed and waited for
/// by the destructor, and by the kernel when the test process dies.
class ChildProcess {
 public:
  /// `arguments`: the program (looked up in PATH if it has no slash) and its arguments.
  /// `environment`: NAME=VALUE entries, added to this process' environment or replacing its own.
  /// Throws std::runtime_error. A program that cannot be started exits with 127.
  explicit ChildProcess(std::vector<std::string> arguments,
                        std::vector<std::string> environment = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  /// Sends a signal, if it has not ended yet.
  void signal(int number);
  /// Waits for its end: the exit code, or 128 + the number of the signal that killed it, as a shell
  /// says it. Nothing if it still runs after `limit`.
  std::optional<int> wait(Millis limit);
  bool running() { return !wait(Millis(0)).has_value(); }

  /// What it has written to stdout and to stderr until now.
  std::string out() const { return read_file(folder_.file("out")); }
  std::string err() const { return read_file(folder_.file("err")); }

 private:
  TempDir folder_;
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

/// The path of one of our programs, e.g. "ryumemd": in RYUMEM_BIN_DIR, or else beside the build's
/// other output as seen from the test binary.
std::string program(const std::string& name);

}  // namespace ryumem::test
