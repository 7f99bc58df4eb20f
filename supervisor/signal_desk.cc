#include "supervisor/signal_desk.h"

#include <csignal>

namespace ryumem {
namespace {

int number_of(Signal signal) {
  constexpr std::array<int, static_cast<std::size_t>(Signal::count)> numbers = {
      SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGTSTP, SIGCONT, SIGTTIN, SIGTTOU};
  return numbers[static_cast<std::size_t>(signal)];
}

}  // namespace

void SignalDesk::on(Signal signal, std::function<void()> action) {
  const auto index = static_cast<std::size_t>(signal);
  watches_[index] =
      std::make_unique<SignalWatch>(number_of(signal), [this, index, action = std::move(action)] {
        ++counts_[index];
        action();
      });
}

}  // namespace ryumem
