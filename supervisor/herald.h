// Tells the service manager how the supervisor does: that it is ready, what it is at, that it
// turns, that it is reloading or going down.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/async/timer.h"
#include "supervisor/notify_socket.h"
#include "supervisor/tidings.h"

namespace ryumem {

class Herald {
 public:
  /// Begins at once, on the current loop. `look` must not throw.
  Herald(const Environment& environment, std::function<Tidings()> look);

  /// A reload begins, or is over whatever came of it. Before we are ready it is nobody's matter.
  void reloading() noexcept;
  void reloaded() noexcept;
  /// The drain begins: from now on time is asked for as long as it gets on.
  void stopping() noexcept;

 private:
  // What the service manager is to believe of us.
  enum class Phase { starting, ready, reloading, stopping };
  void turn() noexcept;
  void enter(Phase phase) noexcept;
  void tell_phase() noexcept;
  void tell_line(const std::string& line) noexcept;
  void ask_for_time(std::uint64_t progress) noexcept;
  void wag() noexcept;

  NotifySocket socket_;
  std::function<Tidings()> look_;
  Phase phase_ = Phase::starting;
  bool told_ = true;  // of the phase
  std::uint64_t progress_ = 0;
  std::string line_;
  Timer turns_;
  Timer watchdog_;
};

}  // namespace ryumem
