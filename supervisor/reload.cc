#include "supervisor/reload.h"

namespace ryumem {

Reload take_over(const Settings& running, const Settings& read) {
  Reload out(read);
  const auto keep = [&](auto member, const char* variable) {
    if (running.*member == read.*member) return;
    out.settings.*member = running.*member;
    out.held_back.emplace_back(variable);
  };
  keep(&Settings::listen, "RYUMEM_WORKER_LISTEN");
  keep(&Settings::port_file, "RYUMEM_WORKER_PORT_FILE");
  keep(&Settings::redis_url, "REDIS_URL");
  keep(&Settings::queue_prefix, "RYUMEM_WORKER_QUEUE_PREFIX");
  keep(&Settings::lease, "RYUMEM_WORKER_LEASE_SECONDS");
  keep(&Settings::enabled, "RYUMEM_WORKER_ENABLED");
  return out;
}

}  // namespace ryumem
