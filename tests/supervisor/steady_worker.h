// This test program in the role of a worker that says it is ready, beats, and ends at the first
// TERM; what it is told it writes to a log. Much is as the environment says:
//
//   RYUMEM_TEST_STEADY  the log; "SLOT PID VERSION WORD" with start, TERM, USR1, TSTP or CONT
//   ..._VERSION         any word (default "1")
//   ..._EXIT            ends at once with this code
//   ..._READY_MS        is ready only after a while; "never": not at all
//   ..._LINGER_MS       goes on for so long after TERM
//   ..._HOG_MB          has so much memory
#pragma once

#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "supervisor/pool.h"
#include "tests/support/temp_dir.h"

namespace ryumem::test {

class SteadyWorkers {
 public:
  /// What a pool of them is made with; `more` are endings of the variables above.
  Pool::Settings settings(int workers, const Environment& more = {}) const {
    Pool::Settings out("/proc/self/exe", environment(more));
    out.workers = workers;
    out.owner = "host.1.2";
    return out;
  }
  Environment environment(const Environment& more) const {
    Environment out = process_environment();
    out["RYUMEM_TEST_STEADY"] = folder_.file("log");
    for (const auto& [name, value] : more) out["RYUMEM_TEST_STEADY_" + name] = value;
    return out;
  }

  struct Line {
    int slot;
    int pid;
    std::string version;
    std::string word;
  };
  /// What happened until now, in order.
  std::vector<Line> lines() const {
    std::vector<Line> out;
    std::istringstream text(read_file(folder_.file("log")));
    for (Line line; text >> line.slot >> line.pid >> line.version >> line.word;)
      out.push_back(line);
    return out;
  }
  std::size_t count(const std::string& word, const std::string& version = "") const {
    std::size_t n = 0;
    for (const Line& line : lines())
      n += line.word == word && (version.empty() || line.version == version);
    return n;
  }

 private:
  TempDir folder_;
};

}  // namespace ryumem::test
