#include "tests/support/certificates.h"

#include <stdexcept>

#include "tests/support/child_process.h"

namespace ryumem::test {
namespace {

void openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  ChildProcess command(arguments);
  if (command.wait(Seconds(30)) != 0)
    throw std::runtime_error("openssl " + arguments[1] + ": " + command.err());
}

}  // namespace

Certificates::Certificates() {
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
           "-days", "2", "-subj", "/CN=a test's authority", "-keyout", folder_.file("ca.key"),
           "-out", authority()});
  sign("server", "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:models.test");
  sign("client", "extendedKeyUsage=clientAuth");
}

void Certificates::sign(const std::string& name, const std::string& extension) {
  openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
           "/CN=" + name, "-keyout", folder_.file(name + ".key"), "-out",
           folder_.file(name + ".csr")});
  const std::string extensions = folder_.write(name + ".ext", extension + "\n");
  openssl({"x509", "-req", "-days", "2", "-in", folder_.file(name + ".csr"), "-CA", authority(),
           "-CAkey", folder_.file("ca.key"), "-CAcreateserial", "-extfile", extensions, "-out",
           folder_.file(name + ".pem")});
}

}  // namespace ryumem::test
