// The other end of a connection: a port that is listened on.
#pragma once

#include <functional>
#include <string>

#include "common/net/stream.h"

namespace ryumem {

/// Accepts TCP connections.
class Listener {
 public:
  /// Binds and listens; port 0 takes a free one. `accepted` gets each new connection and must not
  /// throw. Throws Failure(Kind::system) if the address is not one of this host or is taken.
  Listener(const std::string& address, int port, std::function<void(Stream)> accepted);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return port_; }

 private:
  struct State;
  State* state_;  // freed in libuv's close callback
  int port_ = 0;
};

}  // namespace ryumem
