#include "supervisor/pool_settings.h"

#include "supervisor/notify_socket.h"
#include "supervisor/worker_process.h"

namespace ryumem {

Environment workers_environment(const Settings& settings) {
  Environment environment = without_service_manager(process_environment());
  for (const auto& [name, value] : to_environment(settings)) environment[name] = value;
  return environment;
}

Pool::Settings pool_settings(const Settings& settings) {
  const Environment environment = workers_environment(settings);
  Pool::Settings pool(worker_binary(environment), environment);
  pool.workers = settings.workers;
  pool.heartbeat_limit = settings.heartbeat_limit;
  pool.finish_limit = settings.drain_timeout + kDrainGrace;
  pool.wear.jobs = static_cast<std::uint64_t>(settings.recycle_jobs);
  pool.wear.age = settings.recycle_age;
  pool.wear.memory = static_cast<std::int64_t>(settings.recycle_memory) << 20;
  return pool;
}

}  // namespace ryumem
