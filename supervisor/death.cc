#include "supervisor/death.h"

#include <fmt/format.h>

namespace ryumem {

std::string Death::text() const {
  if (pid == 0) return what;
  return fmt::format(
      "pid {} {} after {:.1f} s with {} jobs in hand; it had used {:.2f} s of CPU and at most {} "
      "MB",
      pid, what, uptime, jobs_held, ending.user_seconds + ending.system_seconds,
      ending.peak_memory >> 20);
}

void Deaths::add(Death death) {
  latest_.push_back(std::move(death));
  if (latest_.size() > kMost) latest_.pop_front();
}

}  // namespace ryumem
