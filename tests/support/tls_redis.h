// A real Redis that speaks TLS on one port and plainly on another.
#pragma once

#include <string>
#include <vector>

#include "tests/support/certificates.h"
#include "tests/support/redis_server.h"

namespace ryumem::test {

/// Made once for the whole test process.
inline const Certificates& certificates() {
  static const Certificates made;
  return made;
}

/// What makes a redis-server speak TLS on this port. `clients`: "yes" if a client must show a
/// certificate of the authority.
inline std::vector<std::string> tls_arguments(int port, const std::string& clients) {
  return {"--tls-port",
          std::to_string(port),
          "--tls-cert-file",
          certificates().server(),
          "--tls-key-file",
          certificates().server_key(),
          "--tls-ca-cert-file",
          certificates().authority(),
          "--tls-auth-clients",
          clients,
          "--bind",
          "127.0.0.1 127.0.0.2"};
}

class TlsRedis {
 public:
  explicit TlsRedis(const std::string& clients = "no")
      : port_(free_port()), server_(tls_arguments(port_, clients)) {}

  RedisServer& plain() { return server_; }
  /// Where it speaks TLS.
  std::string url(const std::string& host = "127.0.0.1") const {
    return "rediss://" + host + ":" + std::to_string(port_);
  }

 private:
  int port_;
  RedisServer server_;
};

}  // namespace ryumem::test
