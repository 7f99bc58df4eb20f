// Not uv_spawn: libuv waits for the child by itself and throws away what the kernel says with it,
// the core flag and the resource usage. See docs/decisions/0015-own-processes.md.
#include "supervisor/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <map>
#include <vector>

#include "common/async/loop.h"
#include "common/base/failure.h"

namespace ryumem {
namespace {

// Above all that a worker's descriptors become, so that none of the copies below hits another.
constexpr int kOutOfTheWay = 10;

[[noreturn]] void refuse(const std::string& binary, int error) {
  throw Failure(Kind::system, fmt::format("cannot start {}: {}", binary, std::strerror(error)));
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// What the kernel says of a child's end, which it then forgets; nothing while it lives.
std::optional<Ending> collect(int pid) {
  siginfo_t info{};
  rusage usage{};
  // glibc's waitid has no place for the usage; the kernel's has.
  if (syscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOHANG, &usage) != 0 || info.si_pid != pid)
    return std::nullopt;
  Ending ending;
  if (info.si_code == CLD_EXITED)
    ending.code = info.si_status;
  else
    ending.signal = info.si_status;
  ending.core = info.si_code == CLD_DUMPED;
  ending.user_seconds = seconds(usage.ru_utime);
  ending.system_seconds = seconds(usage.ru_stime);
  ending.peak_memory = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
  return ending;
}

// A copy of a descriptor that is out of the way, for the time of a start.
class Copy {
 public:
  explicit Copy(int fd) : fd_(fcntl(fd, F_DUPFD_CLOEXEC, kOutOfTheWay)) {}
  ~Copy() { close(fd_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// The session, signals and descriptors of a worker, as posix_spawn takes them.
class Manners {
 public:
  Manners(int lifeline, int scoreboard) : lifeline_(lifeline), scoreboard_(scoreboard) {
    sigset_t all;
    sigset_t blocked;
    sigfillset(&all);
    // USR1 opens the log anew, and may come before the worker has a handler for it.
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &blocked);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files_, lifeline_.fd(), 3);
    posix_spawn_file_actions_adddup2(&files_, scoreboard_.fd(), 4);
  }
  ~Manners() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Manners(const Manners&) = delete;
  Manners& operator=(const Manners&) = delete;

  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* files() const { return &files_; }

 private:
  Copy lifeline_;
  Copy scoreboard_;
  posix_spawnattr_t attributes_;
  posix_spawn_file_actions_t files_;
};

int spawn(const WorkerStart& start) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : start.environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::string name = "ryumem-worker";  // and nothing else: an argument is readable by everyone
  char* arguments[] = {name.data(), nullptr};

  const Manners manners(start.lifeline_fd, start.scoreboard_fd);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, start.binary.c_str(), manners.files(), manners.attributes(),
                                arguments, environment.data());
  if (error != 0) refuse(start.binary, error);
  return pid;
}

}  // namespace

std::string Ending::text() const {
  if (signal != 0)
    return fmt::format("killed by signal {} ({}){}", signal, strsignal(signal),
                       core ? ", core dumped" : "");
  return fmt::format("exited with code {}", code);
}

struct WorkerProcess::State {
  // Those that are waited for, by process id.
  static std::map<int, State*>& all() {
    static std::map<int, State*> states;
    return states;
  }

  uv_poll_t handle{};
  int pid = 0;
  int pidfd = -1;  // readable when the process has ended
  std::optional<Ending> ending;
  Notice ended;

  void look() noexcept {
    if (ending) return;
    ending = collect(pid);
    if (!ending) return;
    all().erase(pid);
    uv_poll_stop(&handle);
    ended.notify();
  }
};

WorkerProcess::WorkerProcess(const WorkerStart& start) : state_(nullptr), pid_(spawn(start)) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd < 0) {
    const int error = errno;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    refuse(start.binary, error);
  }
  state_ = new State;
  State::all()[pid_] = state_;
  state_->pid = pid_;
  state_->pidfd = pidfd;
  uv_poll_init(Loop::current().raw(), &state_->handle, pidfd);
  state_->handle.data = state_;
  uv_poll_start(&state_->handle, UV_READABLE,
                [](uv_poll_t* handle, int, int) { static_cast<State*>(handle->data)->look(); });
}

WorkerProcess::~WorkerProcess() {
  if (!state_->ending) State::all().erase(pid_);
  uv_close(reinterpret_cast<uv_handle_t*>(&state_->handle), [](uv_handle_t* handle) {
    State* state = static_cast<State*>(handle->data);
    close(state->pidfd);
    delete state;
  });
}

// Until it has been collected its id cannot be anybody else's.
void WorkerProcess::signal(int number) noexcept {
  if (!state_->ending) kill(pid_, number);
}

bool WorkerProcess::has_ended() const { return state_->ending.has_value(); }

Task<Ending> WorkerProcess::ended(Cancel& cancel) {
  while (!state_->ending) co_await state_->ended.wait(cancel);
  co_return *state_->ending;
}

// A worker's end is looked at first without taking it, so that it is not lost for its own pidfd.
int WorkerProcess::collect_others() noexcept {
  for (int count = 0;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return count;
    const auto worker = State::all().find(info.si_pid);
    if (worker != State::all().end())
      worker->second->look();
    else if (waitid(P_PID, static_cast<id_t>(info.si_pid), &info, WEXITED | WNOHANG) == 0)
      ++count;
    else
      return count;
  }
}

void adopt_orphans() noexcept { prctl(PR_SET_CHILD_SUBREAPER, 1); }

std::string worker_binary(const Environment& environment) {
  const auto told = environment.find("RYUMEM_WORKER_BINARY");
  if (told != environment.end() && !told->second.empty()) return told->second;
  std::error_code trouble;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", trouble).parent_path();
  const std::filesystem::path beside = here / "ryumem-worker";
  const std::filesystem::path installed = here / "../libexec/ryumemd/ryumem-worker";
  if (!std::filesystem::exists(beside, trouble) && std::filesystem::exists(installed, trouble))
    return installed.lexically_normal();
  return beside;
}

}  // namespace ryumem
