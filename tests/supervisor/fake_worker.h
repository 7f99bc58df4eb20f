// Shell scripts in the place of ryumem-worker. Each writes "SLOT PID" to a log as its first act,
// and ends at the latest when its lifeline does.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace ryumem::test {

/// Works until it is told to end, or its supervisor is gone.
inline constexpr const char* kPatient = "exec cat <&3";
inline constexpr const char* kCrashes = "exit 3";
/// Ignores the first SIGTERM or all of them.
inline constexpr const char* kEndsAtTheSecondTerm =
    "n=0; trap 'n=$((n+1)); echo term >>\"$LOG.terms\"; [ $n -lt 2 ] || exit 0' TERM\n"
    "echo trapped >>\"$LOG.traps\"\n"
    "cat <&3 & while kill -0 $! 2>/dev/null; do wait $!; done";
inline constexpr const char* kIgnoresTerm =
    "trap '' TERM; echo trapped >>\"$LOG.traps\"; exec cat <&3";

class FakeWorker {
 public:
  explicit FakeWorker(const std::string& script) {
    const std::string log = folder_.file("log");
    path_ = folder_.write("worker", "#!/bin/sh\nLOG='" + log +
                                        "'\necho $RYUMEM_SLOT $$ >>\"$LOG\"\n" + script + "\n");
    chmod(path_.c_str(), 0755);
  }

  const std::string& path() const { return path_; }
  std::string file(const std::string& end) const { return read_file(folder_.file("log" + end)); }

  struct Start {
    int slot;
    int pid;
  };
  /// All that were started until now, in order.
  std::vector<Start> starts() const {
    std::vector<Start> out;
    std::istringstream lines(file(""));
    for (Start start{}; lines >> start.slot >> start.pid;) out.push_back(start);
    return out;
  }
  std::size_t count() const { return starts().size(); }
  /// How many have their signal handlers in place.
  std::size_t traps() const { return lines(".traps"); }
  /// How many SIGTERMs were noticed.
  std::size_t terms() const { return lines(".terms"); }

 private:
  std::size_t lines(const std::string& end) const {
    const std::string text = file(end);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  TempDir folder_;
  std::string path_;
};

}  // namespace ryumem::test
