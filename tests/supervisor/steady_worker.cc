// The role itself: it is taken before any test runs. See steady_worker.h.
#include "tests/supervisor/steady_worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>

#include "common/ops/metrics.h"

namespace ryumem {
namespace {

std::string told(const char* ending) {
  const char* value = std::getenv(("RYUMEM_TEST_STEADY" + std::string(ending)).c_str());
  return value == nullptr ? "" : value;
}

void write_down(const char* word) {
  const std::string version = told("_VERSION").empty() ? "1" : told("_VERSION");
  const std::string line =
      fmt::format("{} {} {} {}\n", std::getenv("RYUMEM_SLOT"), getpid(), version, word);
  const int fd = open(told("").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (write(fd, line.data(), line.size()) < 0) _exit(3);
  close(fd);
}

// Waits for a signal, for so long at most; ends when the supervisor is gone.
int next_signal(const sigset_t& signals, long millis) {
  pollfd lifeline{3, POLLIN, 0};
  if (poll(&lifeline, 1, 0) > 0) _exit(0);
  const timespec limit{millis / 1000, millis % 1000 * 1'000'000};
  return sigtimedwait(&signals, nullptr, &limit);
}

[[noreturn]] void serve() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGUSR1, SIGTSTP, SIGCONT}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  write_down("start");
  if (!told("_EXIT").empty()) _exit(std::atoi(told("_EXIT").c_str()));
  const std::string hog(std::strtoul(told("_HOG_MB").c_str(), nullptr, 10) << 20, 'x');

  Scoreboard board = Scoreboard::attach(4);
  Slot& slot = board.slot(std::atoi(std::getenv("RYUMEM_SLOT")));
  slot.pid.store(static_cast<std::uint64_t>(getpid()));
  const auto say = [&slot](WorkerState state) {
    slot.state.store(static_cast<std::uint64_t>(state));
  };
  const std::uint64_t ready_at =
      monotonic_ns() + std::strtoul(told("_READY_MS").c_str(), nullptr, 10) * 1'000'000;
  for (;;) {
    slot.beat_ns.store(monotonic_ns());
    if (told("_READY_MS") != "never" && monotonic_ns() >= ready_at &&
        state_of(slot) == WorkerState::starting)
      say(board.quiet() ? WorkerState::quiet : WorkerState::ready);
    const int signal = next_signal(signals, 20);
    if (signal == SIGUSR1) write_down("USR1");
    if (signal == SIGTSTP) write_down("TSTP");
    if (signal == SIGCONT) write_down("CONT");
    if (signal != SIGTERM) continue;
    write_down("TERM");
    say(WorkerState::draining);
    usleep(static_cast<useconds_t>(std::atoi(told("_LINGER_MS").c_str()) * 1000));
    _exit(hog.size() == 1 ? 1 : 0);
  }
}

[[maybe_unused]] const bool kRole = [] {
  if (std::getenv("RYUMEM_TEST_STEADY") != nullptr) serve();
  return true;
}();

}  // namespace
}  // namespace ryumem
