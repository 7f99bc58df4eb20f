#include "common/base/cores.h"

#include <sys/resource.h>

#include <algorithm>

namespace ryumem {
namespace {

// Too little for a file, and for the kernel the sign not to start the program either that cores are
// piped to; a limit of 0 would start it.
constexpr rlim_t kNone = 1;

}  // namespace

bool allow_cores(bool cores) noexcept {
  rlimit limit{};
  getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = cores ? limit.rlim_max : std::min(kNone, limit.rlim_max);
  setrlimit(RLIMIT_CORE, &limit);
  return !cores || limit.rlim_max > kNone;
}

}  // namespace ryumem
