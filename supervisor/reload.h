// What of a configuration that was read again may take effect while the program runs.
#pragma once

#include <string>
#include <vector>

#include "common/ops/options.h"

namespace ryumem {

struct Reload {
  Settings settings;                   // what is to be in force
  std::vector<std::string> held_back;  // variables whose change waits for the next start

  explicit Reload(Settings running) : settings(std::move(running)) {}
};

/// `running` with everything from `read` that does not need a restart. The rest keeps its value,
/// for the workers, too: those of one supervisor must never look at two queues.
Reload take_over(const Settings& running, const Settings& read);

}  // namespace ryumem
