// How much memory a process has at the moment.
#pragma once

#include <cstdint>

namespace ryumem {

/// Bytes of the process that are in memory (its resident set); 0 if there is no such process.
std::int64_t resident_memory(int pid);

}  // namespace ryumem
