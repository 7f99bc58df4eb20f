#include "common/ops/file_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ryumem {
namespace {

// What a process has open when it does nothing: loop, log, scoreboard, Redis, names being looked
// up.
constexpr std::int64_t kFilesAtRest = 64;
// Clients of the supervisor's HTTP server, which closes what is more.
constexpr std::int64_t kClients = 256;
// A supervisor watches each worker by a descriptor, and has two more while it starts one.
constexpr std::int64_t kPerWorker = 3;

}  // namespace

std::int64_t files_needed(const Settings& settings) {
  return std::min<std::int64_t>(settings.concurrency, kMostConnections) +
         settings.callback_concurrency + kFilesAtRest;
}

std::int64_t supervisor_files_needed(int workers) {
  return kFilesAtRest + kClients + kPerWorker * (workers + 1);
}

void raise_file_limit(std::int64_t needed, const std::string& what_for) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    throw Failure(Kind::system, std::string("RLIMIT_NOFILE: ") + std::strerror(errno));
  if (files.rlim_max < static_cast<rlim_t>(needed))
    throw Failure(Kind::system,
                  fmt::format("{} may need {} file descriptors, and the system allows {}: set "
                              "LimitNOFILE={} in the unit (ulimit -Hn in a shell), or lower "
                              "--concurrency",
                              what_for, needed, files.rlim_max, 2 * needed));
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace ryumem
