#include "ctl/verb.h"

namespace ryumem {

Task<> Session::reach_redis() {
  RedisCommand ping = {"PING"};
  co_await redis.command(std::move(ping), cancel);
  patience.reset();
}

}  // namespace ryumem
