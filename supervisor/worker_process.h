// One worker as an operating system process: how it is started, signalled and waited for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/async/cancel.h"
#include "common/async/sync.h"
#include "common/async/task.h"
#include "common/ops/options.h"

namespace ryumem {

/// How a process ended, and what it had used until then.
struct Ending {
  int code = 0;    // of its exit
  int signal = 0;  // that killed it, or 0
  bool core = false;
  double user_seconds = 0;
  double system_seconds = 0;
  std::int64_t peak_memory = 0;  // bytes
  Ending() = default;
  /// For the log, e.g. "killed by signal 6 (Aborted), core dumped" or "exited with code 70".
  std::string text() const;
};

/// What a worker is started with.
struct WorkerStart {
  std::string binary;
  Environment environment;
  int lifeline_fd;    // becomes descriptor 3: its end-of-file says that the supervisor is gone
  int scoreboard_fd;  // becomes descriptor 4
  WorkerStart(std::string the_binary, Environment variables, int lifeline, int scoreboard)
      : binary(std::move(the_binary)),
        environment(std::move(variables)),
        lifeline_fd(lifeline),
        scoreboard_fd(scoreboard) {}
};

/// Must be made on the main thread: the worker's parent-death signal is bound to the thread that
/// forks. Destroy it after the process has ended.
class WorkerProcess {
 public:
  /// Starts the process in a session of its own, so that Ctrl-C reaches the supervisor alone and
  /// the workers drain in order. Throws Failure(Kind::system) naming the binary and the reason.
  explicit WorkerProcess(const WorkerStart& start);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  int pid() const { return pid_; }
  /// Nothing happens if the process has ended already.
  void signal(int number) noexcept;

  bool has_ended() const;
  /// Waits for the end of the process, however long it takes; any number may wait. Throws the
  /// reason of `cancel`.
  Task<Ending> ended(Cancel& cancel);

  /// Collects all ended children that are none of these, and says how many. The ends of these are
  /// told to those who wait for them, as ever. For each SIGCHLD.
  static int collect_others() noexcept;

 private:
  struct State;
  State* state_;  // freed in libuv's close callback
  int pid_ = 0;
};

/// From now on processes that lose their parent below us become our children, whoever started them;
/// those that a wrapper left to us are so already.
void adopt_orphans() noexcept;

/// Where the worker's program is: RYUMEM_WORKER_BINARY, or `ryumem-worker` beside this program, or
/// in ../libexec/ryumemd/ seen from it. Whether it exists is found out by starting it.
std::string worker_binary(const Environment& environment);

}  // namespace ryumem
