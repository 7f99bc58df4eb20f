// How many file descriptors our processes need at their busiest, and getting that many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/ops/options.h"

namespace ryumem {

/// More connections to a model than this make curl slow, so a worker has no more.
inline constexpr std::size_t kMostConnections = 256;

/// Of a worker with these settings.
std::int64_t files_needed(const Settings& settings);
/// Of its supervisor, which may have so many workers.
std::int64_t supervisor_files_needed(int workers);

/// Raises this process' limit to all it may have. Throws Failure(Kind::system) with the figures if
/// that is less than `needed`; `what_for` is for people: "2 workers with 64 jobs at once".
void raise_file_limit(std::int64_t needed, const std::string& what_for);

}  // namespace ryumem
