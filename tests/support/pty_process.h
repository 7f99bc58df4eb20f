// A program on a terminal of its own, and somebody who reads the screen and types.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"

namespace ryumem::test {

/// Killed and waited for by the destructor.
class PtyProcess {
 public:
  /// Starts `arguments` on a terminal of 100 columns and 20 rows, with NAME=VALUE entries added to
  /// the environment. Throws std::runtime_error.
  PtyProcess(std::vector<std::string> arguments, const std::vector<std::string>& environment);
  ~PtyProcess();
  PtyProcess(const PtyProcess&) = delete;
  PtyProcess& operator=(const PtyProcess&) = delete;

  pid_t pid() const { return pid_; }
  void type(const std::string& keys);
  void resize(int columns, int rows);
  /// Everything it has written until now, sequences and all.
  const std::string& screen();
  /// Waits until `text` has been written behind position `from`.
  bool shows(const std::string& text, Millis limit, std::size_t from = 0);
  /// Are keys read one by one and unseen?
  bool raw() const;
  /// Waits for its end: the exit code, or 128 + the signal. Nothing if it still runs after `limit`.
  std::optional<int> wait(Millis limit);

 private:
  void read_some();
  int terminal_ = -1;
  pid_t pid_ = -1;
  std::string screen_;
  std::optional<int> ended_;
};

}  // namespace ryumem::test
