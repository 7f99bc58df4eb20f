// Throw-away certificates, made by openssl's own command.
#pragma once

#include <string>

#include "tests/support/temp_dir.h"

namespace ryumem::test {

/// An authority and what it has signed: PEM files in a folder that goes with the object. Throws
/// std::runtime_error if openssl does not make them.
class Certificates {
 public:
  /// The server's certificate is for 127.0.0.1, localhost and models.test.
  Certificates();

  std::string authority() const { return folder_.file("ca.pem"); }
  std::string server() const { return folder_.file("server.pem"); }
  std::string server_key() const { return folder_.file("server.key"); }
  std::string client() const { return folder_.file("client.pem"); }
  std::string client_key() const { return folder_.file("client.key"); }

 private:
  void sign(const std::string& name, const std::string& extension);
  TempDir folder_;
};

}  // namespace ryumem::test
