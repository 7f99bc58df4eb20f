// Why something failed, as others get to see it.
#pragma once

#include "common/base/failure.h"
#include "common/base/secrets.h"
#include "common/base/text.h"

namespace ryumem {

/// As it is kept in Redis and told to the server: without secrets, and not at any length.
inline std::string cause_of(const Failure& failure) {
  constexpr std::size_t kMost = 1000;  // bytes
  return excerpt(without_secrets(failure.what()), kMost);
}

}  // namespace ryumem
