// The settings of a part of the supervisor, on a Redis of the test's own.
#pragma once

#include <string>
#include <vector>

#include "common/ops/options.h"

namespace ryumem::test {

/// `flags` as on the command line, e.g. "--lease=2"; everything else by default.
inline Settings settings_for(const std::string& redis_url, std::vector<std::string> flags = {}) {
  const Environment environment = {{"REDIS_URL", redis_url}};
  return read_partial_configuration(flags, environment).settings;
}

}  // namespace ryumem::test
