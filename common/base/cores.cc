#include "common/base/cores.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace ryumem {

// The limit alone does not do: the kernel ignores it when cores go to a program by a pipe.
void forbid_cores() noexcept {
  rlimit limit{};
  getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &limit);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace ryumem
