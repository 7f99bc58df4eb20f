// What this process is called among those of all hosts.
#pragma once

#include <string>

namespace ryumem {

std::string host_name();

/// "HOST.PID.TIME": unique among all processes that ever use the same Redis. Another one each time.
std::string unique_name();

}  // namespace ryumem
