#include "supervisor/port_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "common/base/failure.h"

namespace ryumem {

void write_port_file(const std::string& path, int port) {
  const std::string beside = fmt::format("{}.{}", path, getpid());
  std::ofstream file(beside);
  file << port << '\n';
  file.close();
  if (file && std::rename(beside.c_str(), path.c_str()) == 0) return;
  const std::string reason = std::strerror(errno);
  std::remove(beside.c_str());
  throw Failure(Kind::configuration,
                fmt::format("--port-file {}: cannot write it: {}; check the folder and its "
                            "permissions",
                            path, reason));
}

}  // namespace ryumem
