// Secrets that stand in files of their own.
#pragma once

#include <optional>
#include <string>

#include "common/ops/mistakes.h"

namespace ryumem {

/// The first line of the file. Warns if everybody on the machine may read it. `source` names who
/// said where it is: "WORKER_INTERNAL_KEY_FILE". Nothing, and a mistake, if it cannot be read or
/// its first line is empty.
std::optional<std::string> read_secret_file(const std::string& source, const std::string& path,
                                            Mistakes& mistakes);

}  // namespace ryumem
