// How a connection to a Redis comes about: the master is looked up, the socket connected, TLS
// agreed on, the user authenticated, the database selected.
#pragma once

#include <memory>

#include "common/net/byte_stream.h"
#include "common/net/redis_codec.h"
#include "common/net/redis_url.h"

namespace ryumem {

/// A stream on which Redis has answered PING, as the user and in the database of `url`, and, if
/// sentinels were asked, as a master. What was read belongs to `codec`, which goes on reading
/// there. Throws Failure(Kind::transient) naming the address and the reason; the caller brings the
/// deadline by `cancel`, tries again, and so finds the new master after a failover.
Task<std::unique_ptr<ByteStream>> connect_redis(const RedisUrl& url, RedisCodec& codec,
                                                Cancel& cancel);

}  // namespace ryumem
