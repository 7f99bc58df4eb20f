#include "tests/support/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "tests/support/eventually.h"

extern char** environ;

namespace ryumem::test {
namespace {

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

std::vector<std::string> merged(const std::vector<std::string>& changes) {
  std::vector<std::string> all = changes;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool changed = false;
    for (const std::string& change : changes) changed |= name_of(change) == name_of(*entry);
    if (!changed) all.emplace_back(*entry);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

// After fork: async-signal-safe calls only.
[[noreturn]] void become(char** arguments, char** environment, int out, int err, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(arguments[0], arguments, environment);
  constexpr std::string_view kNotStarted = "cannot be started\n";
  if (write(STDERR_FILENO, kNotStarted.data(), kNotStarted.size()) < 0) _exit(126);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments,
                           std::vector<std::string> environment) {
  std::vector<std::string> variables = merged(environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const int out = open(folder_.file("out").c_str(), flags, 0600);
  const int err = open(folder_.file("err").c_str(), flags, 0600);
  const pid_t parent = getpid();
  pid_ = out < 0 || err < 0 ? -1 : fork();
  if (pid_ == 0)
    become(const_cast<char**>(argv.data()), const_cast<char**>(envp.data()), out, err, parent);
  if (out >= 0) close(out);
  if (err >= 0) close(err);
  if (pid_ < 0) throw std::runtime_error("cannot start " + arguments[0]);
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  wait(Seconds(10));
}

void ChildProcess::signal(int number) {
  if (running()) kill(pid_, number);
}

std::optional<int> ChildProcess::wait(Millis limit) {
  const auto over = [this] {
    int status = 0;
    if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_)
      ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return ended_.has_value();
  };
  wait_until(limit, over);
  return ended_;
}

std::string program(const std::string& name) {
  const char* folder = std::getenv("RYUMEM_BIN_DIR");
  if (folder != nullptr) return std::string(folder) + "/" + name;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  return (self.parent_path().parent_path() / "bin" / name).string();
}

}  // namespace ryumem::test
