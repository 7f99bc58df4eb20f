// The datagram socket on which systemd, or whatever else started us, wants to hear how we do.
// The protocol is that of sd_notify(3): lines NAME=VALUE. Without NOTIFY_SOCKET nothing is said.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/ops/options.h"

namespace ryumem {

class NotifySocket {
 public:
  /// Reads NOTIFY_SOCKET (a path, or @ and a name in the abstract namespace). One of another sort,
  /// or that is not there, is warned of once and nothing is said.
  explicit NotifySocket(const Environment& environment);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  /// Does anybody listen?
  bool open() const { return fd_ >= 0; }
  /// Never waits. False if the other end has no room now: say it again.
  bool say(const std::string& lines) noexcept;

 private:
  int fd_ = -1;
};

/// How long the service manager waits for a sign of life, from WATCHDOG_USEC if WATCHDOG_PID names
/// this process or nobody; 0: it does not wait for any.
Millis watchdog_limit(const Environment& environment);

/// The environment without what the service manager told us alone.
Environment without_service_manager(Environment environment);

}  // namespace ryumem
