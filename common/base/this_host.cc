#include "common/base/this_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

namespace ryumem {

std::string host_name() {
  char host[256] = "host";
  gethostname(host, sizeof(host) - 1);
  return host;
}

std::string unique_name() {
  return fmt::format("{}.{}.{}", host_name(), getpid(),
                     std::chrono::system_clock::now().time_since_epoch().count());
}

}  // namespace ryumem
