#include "worker/oom.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string_view>

namespace ryumem {
namespace {

constexpr const char* kScore = "/proc/self/oom_score_adj";
// Of 1000, which would be all of the machine's memory.
constexpr int kSooner = 300;
constexpr int kMostScore = 1000;

[[noreturn]] void out_of_memory() {
  constexpr std::string_view line =
      "ryumem-worker: out of memory: a limit is reached (--memory-limit, LimitDATA=, ulimit), or "
      "there "
      "is none left\n";
  if (write(STDERR_FILENO, line.data(), line.size()) < 0) std::abort();
  std::abort();
}

}  // namespace

void go_before_the_supervisor() {
  int score = 0;
  std::ifstream(kScore) >> score;
  std::ofstream(kScore) << std::min(score + kSooner, kMostScore);
}

void bound_memory(int megabytes) {
  std::set_new_handler(out_of_memory);
  if (megabytes == 0) return;
  rlimit limit{};
  getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = std::min(static_cast<rlim_t>(megabytes) << 20, limit.rlim_max);
  setrlimit(RLIMIT_DATA, &limit);
}

}  // namespace ryumem
