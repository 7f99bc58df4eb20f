#include "supervisor/process_memory.h"

#include <unistd.h>

#include <fstream>
#include <string>

namespace ryumem {

std::int64_t resident_memory(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::int64_t whole = 0;
  std::int64_t resident = 0;
  file >> whole >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace ryumem
