#include "common/ops/version.h"

namespace ryumem {

std::string_view program_version() { return RYUMEM_VERSION; }

}  // namespace ryumem
