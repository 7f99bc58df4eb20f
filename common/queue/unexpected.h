// What Redis says that our scripts and commands never give.
#pragma once

#include <string>

#include "common/base/failure.h"
#include "common/base/text.h"
#include "common/net/redis.h"

namespace ryumem {

/// Throws Failure(Kind::outage): an error of Redis, or a reply of another form than `command` has,
/// both of which an operator can mend. `command` is a Redis command or the name of a script.
[[noreturn]] inline void unexpected(const std::string& command, const RedisReply& reply) {
  constexpr std::size_t kShown = 200;
  throw Failure(Kind::outage,
                "Redis answered " + command + " with " +
                    (reply.is_error() ? excerpt(reply.text, kShown) : "another type") +
                    "; check its version (6.2 or newer) and the types of its keys");
}

}  // namespace ryumem
