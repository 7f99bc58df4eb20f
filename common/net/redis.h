// A Redis connection that keeps itself: it connects (redis_connect.h), and after any trouble does
// so again, for as long as the process lives. The bytes are ours (Stream), the codec is hiredis',
// whose own event adapter loses refused connections (decision record 0003).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/async/scope.h"
#include "common/async/sync.h"
#include "common/base/clock.h"
#include "common/net/byte_stream.h"
#include "common/net/redis_url.h"

namespace ryumem {

/// A reply, copied out of the codec.
struct RedisReply {
  enum class Type { nil, integer, string, status, error, array };
  Type type = Type::nil;
  std::int64_t integer = 0;
  std::string text;  // of a string, a status or an error
  std::vector<RedisReply> items;
  bool repeated = false;  // set by callers that send a command again

  RedisReply() = default;
  bool is_error() const { return type == Type::error; }
  bool is_nil() const { return type == Type::nil; }
};

using RedisCommand = std::vector<std::string>;

class Backoff;
class RedisCodec;

class Redis {
 public:
  /// Begins to connect at once, in the background.
  /// `limit`: longest wait for a reply, or for more of one that is on its way, which may take three
  /// times as long in all; a connection that exceeds it is given up and made anew.
  Redis(RedisUrl url, Millis limit);
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  /// Sends one command and gives its reply; an error reply is given, not thrown, except those that
  /// say that Redis is not serving now (LOADING, READONLY, … : Kind::transient) or refuses us
  /// (NOAUTH, NOPERM: Kind::outage).
  /// Waits as long as it takes for a connection; only that wait ends with `cancel`, since a command
  /// that is on its way will have its effect. Throws Failure(Kind::transient) if the connection
  /// breaks before the reply is there: the command may or may not have been carried out.
  Task<RedisReply> command(RedisCommand arguments, Cancel& cancel);

  /// The same for a command that blocks in Redis for up to `patience`, and whose reply nobody needs
  /// any more when `cancel` is requested.
  Task<RedisReply> blocking_command(RedisCommand arguments, Millis patience, Cancel& cancel);

  /// Is there a working connection at this moment?
  bool connected() const { return stream_ != nullptr; }
  /// How many connections there have been: another number means another connection.
  std::uint64_t connections() const { return connections_; }
  /// Why there is none, for people; empty while connected.
  const std::string& trouble() const { return trouble_; }

  /// Ends the connection and all waiting commands, for good. Must be awaited before destruction.
  Task<> close();

 private:
  class Pending;

  Task<RedisReply> send(RedisCommand arguments, Millis patience, Cancel& connecting,
                        Cancel& waiting);
  Task<> keep_connected();
  Task<> live_one_connection(Backoff& backoff);
  Task<> read_replies(ByteStream& stream, RedisCodec& codec, Cancel& cancel);
  Task<> write_commands(ByteStream& stream, Cancel& cancel);
  void fail_pending(const Failure& why);

  RedisUrl url_;
  Millis limit_;
  std::string trouble_ = "not connected yet";
  ByteStream* stream_ = nullptr;  // the live connection, owned by live_one_connection
  std::uint64_t connections_ = 0;
  std::string outgoing_;
  std::deque<Pending*> pending_;  // in the order their replies will come; nullptr: nobody waits
  Cancel closing_;
  Cancel never_;
  Notice connected_;
  Notice written_;
  Scope background_;
};

}  // namespace ryumem
