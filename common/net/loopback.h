// Addresses that mean another machine on each machine.
#pragma once

#include <string>

namespace ryumem {

/// Whether the URL names this host by an address or name that never means another.
bool is_loopback(const std::string& url);

}  // namespace ryumem
