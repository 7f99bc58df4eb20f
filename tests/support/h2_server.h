// A server of HTTP/2 over TLS that is not ours: nghttpd. It sends back what it is sent.
#pragma once

#include <set>
#include <stdexcept>
#include <string>

#include "tests/support/certificates.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"

namespace ryumem::test {

class H2Server {
 public:
  /// It has the certificate of the server, and listens on all addresses of this host. Throws
  /// std::runtime_error if it does not.
  explicit H2Server(const Certificates& certificates)
      : port_(free_port()),
        process_({"nghttpd", "--verbose", "--echo-upload", "--address=0.0.0.0",
                  std::to_string(port_), certificates.server_key(), certificates.server()}) {
    const bool listens = wait_until(Seconds(30), [this] {
      return process_.out().find("listen 0.0.0.0:") != std::string::npos;
    });
    if (!listens) throw std::runtime_error("nghttpd: " + process_.out() + process_.err());
  }

  int port() const { return port_; }
  std::string url(const std::string& host = "127.0.0.1") const {
    return "https://" + host + ":" + std::to_string(port_) + "/";
  }
  /// How many there were until now: each line of its log begins with the number of one.
  std::size_t connections() const {
    std::set<std::string> numbers;
    const std::string log = process_.out();
    for (std::size_t at = log.find("[id="); at != log.npos; at = log.find("[id=", at + 1))
      numbers.insert(log.substr(at, log.find(']', at) - at));
    return numbers.size();
  }

 private:
  int port_;
  ChildProcess process_;
};

}  // namespace ryumem::test
