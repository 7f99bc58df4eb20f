#include "tests/support/pty_process.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/eventually.h"

namespace ryumem::test {

PtyProcess::PtyProcess(std::vector<std::string> arguments,
                       const std::vector<std::string>& environment) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  winsize size{};
  size.ws_col = 100;
  size.ws_row = 20;
  pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error("there is no terminal for " + arguments[0]);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const std::string& entry : environment) {
      const std::size_t equal = entry.find('=');
      setenv(entry.substr(0, equal).c_str(), entry.substr(equal + 1).c_str(), 1);
    }
    execvp(argv[0], argv.data());
    _exit(127);
  }
  fcntl(terminal_, F_SETFL, fcntl(terminal_, F_GETFL) | O_NONBLOCK);
  fcntl(terminal_, F_SETFD, FD_CLOEXEC);
}

PtyProcess::~PtyProcess() {
  if (!wait(Millis(0))) kill(pid_, SIGKILL);
  wait(Seconds(10));
  close(terminal_);
}

void PtyProcess::type(const std::string& keys) {
  if (write(terminal_, keys.data(), keys.size()) < 0) throw std::runtime_error("cannot type");
}

void PtyProcess::resize(int columns, int rows) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  ioctl(terminal_, TIOCSWINSZ, &size);
}

void PtyProcess::read_some() {
  char bytes[4096];
  for (ssize_t count = 1; count > 0;) {
    count = read(terminal_, bytes, sizeof(bytes));
    if (count > 0) screen_.append(bytes, static_cast<std::size_t>(count));
  }
}

const std::string& PtyProcess::screen() {
  read_some();
  return screen_;
}

bool PtyProcess::shows(const std::string& text, Millis limit, std::size_t from) {
  return wait_until(limit, [&] { return screen().find(text, from) != std::string::npos; });
}

bool PtyProcess::raw() const {
  termios now{};
  return tcgetattr(terminal_, &now) == 0 && (now.c_lflag & (ICANON | ECHO)) == 0;
}

std::optional<int> PtyProcess::wait(Millis limit) {
  wait_until(limit, [this] {
    read_some();
    int status = 0;
    if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_)
      ended_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return ended_.has_value();
  });
  return ended_;
}

}  // namespace ryumem::test
