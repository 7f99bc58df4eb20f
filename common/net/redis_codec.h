// The bytes of Redis' protocol, by hiredis, which is used for nothing else.
#pragma once

#include <optional>
#include <string>

#include "common/net/redis.h"

struct redisReader;

namespace ryumem {

/// A command as it goes over the wire.
std::string encode_command(const RedisCommand& arguments);

/// Makes replies of what comes back on one connection.
class RedisCodec {
 public:
  RedisCodec();
  ~RedisCodec();
  RedisCodec(const RedisCodec&) = delete;
  RedisCodec& operator=(const RedisCodec&) = delete;

  void feed(const std::string& bytes);
  /// When bytes came last.
  Monotonic::time_point heard() const { return heard_; }
  /// The next reply, if all of it is there. Throws Failure(Kind::transient) for bytes that are not
  /// Redis'.
  std::optional<RedisReply> next();
  /// The next reply, read from `stream` as needed.
  Task<RedisReply> read(ByteStream& stream, Cancel& cancel);

 private:
  redisReader* reader_;
  Monotonic::time_point heard_ = Monotonic::now();
};

}  // namespace ryumem
