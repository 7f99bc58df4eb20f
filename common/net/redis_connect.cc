#include "common/net/redis_connect.h"

#include <charconv>

#include "common/async/timer.h"
#include "common/base/failure.h"
#include "common/base/text.h"
#include "common/net/stream.h"

namespace ryumem {
namespace {

// A sentinel that is silent must leave time to ask the next one.
constexpr Millis kSentinelPatience{1000};
constexpr std::size_t kExcerpt = 200;

Task<std::unique_ptr<ByteStream>> open(HostPort where, bool tls, const TlsFiles& files,
                                       Cancel& cancel) {
  Stream socket = co_await Stream::connect_tcp(where.host, where.port, cancel);
  if (tls) co_return co_await TlsStream::connect(std::move(socket), files, where.host, cancel);
  co_return std::make_unique<Stream>(std::move(socket));
}

Task<RedisReply> say(ByteStream& stream, RedisCodec& codec, RedisCommand command, Cancel& cancel) {
  std::string bytes = encode_command(command);
  co_await stream.write(std::move(bytes), cancel);
  RedisReply reply = co_await codec.read(stream, cancel);
  if (reply.is_error())
    throw Failure(Kind::transient, command[0] + " was refused: " + excerpt(reply.text, kExcerpt));
  co_return reply;
}

Task<> authenticate(ByteStream& stream, RedisCodec& codec, std::string user, std::string password,
                    Cancel& cancel) {
  if (password.empty()) co_return;
  RedisCommand auth = {"AUTH"};
  if (!user.empty()) auth.push_back(user);
  auth.push_back(password);
  co_await say(stream, codec, std::move(auth), cancel);
}

Task<> greet(ByteStream& stream, RedisCodec& codec, const RedisUrl& url, Cancel& cancel) {
  co_await authenticate(stream, codec, url.user, url.password, cancel);
  if (url.database != 0) {
    RedisCommand select = {"SELECT", std::to_string(url.database)};
    co_await say(stream, codec, std::move(select), cancel);
  }
  RedisCommand ping = {"PING"};
  co_await say(stream, codec, std::move(ping), cancel);
}

// What a sentinel answers to get-master-addr-by-name: host and port.
HostPort read_address(const RedisReply& reply, const std::string& service) {
  if (reply.type != RedisReply::Type::array || reply.items.size() != 2)
    throw Failure(Kind::transient, "it knows no master \"" + service + "\"");
  const std::string& digits = reply.items[1].text;
  HostPort address(reply.items[0].text, 0);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || end != digits.data() + digits.size() || address.host.empty() ||
      address.port < 1 || address.port > 65535)
    throw Failure(Kind::transient, "it gives an impossible address of the master");
  return address;
}

Task<HostPort> ask_sentinel(HostPort sentinel, const RedisUrl& url, Cancel& cancel) {
  LinkedCancel patience(cancel);
  const Deadline deadline(patience, kSentinelPatience,
                          Failure(Kind::transient, "no answer in a second"));
  RedisCodec codec;
  const std::unique_ptr<ByteStream> stream = co_await open(sentinel, url.tls, url.files, patience);
  co_await authenticate(*stream, codec, std::string(), url.sentinel_password, patience);
  RedisCommand question = {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", url.service};
  const RedisReply reply = co_await say(*stream, codec, std::move(question), patience);
  co_return read_address(reply, url.service);
}

// The first sentinel that knows is believed.
Task<HostPort> find_master(const RedisUrl& url, Cancel& cancel) {
  std::string reasons;
  for (const HostPort& sentinel : url.sentinels) {
    try {
      co_return co_await ask_sentinel(sentinel, url, cancel);
    } catch (const Failure& failure) {
      cancel.throw_if_requested();
      const std::string why = failure.what();
      const std::string named =
          why.rfind(sentinel.text(), 0) == 0 ? why : sentinel.text() + ": " + why;
      reasons += (reasons.empty() ? "" : "; ") + named;
    }
  }
  throw Failure(Kind::transient, "no sentinel knows the master: " + reasons);
}

// A sentinel may still name the master that was: its word is checked, as Redis' guide for clients
// asks for.
Task<> check_master(ByteStream& stream, RedisCodec& codec, HostPort where, Cancel& cancel) {
  RedisCommand role = {"ROLE"};
  const RedisReply reply = co_await say(stream, codec, std::move(role), cancel);
  if (reply.items.empty() || reply.items[0].text != "master")
    throw Failure(Kind::transient, where.text() + " is no master (any more)");
}

}  // namespace

Task<std::unique_ptr<ByteStream>> connect_redis(const RedisUrl& url, RedisCodec& codec,
                                                Cancel& cancel) {
  std::unique_ptr<ByteStream> stream;
  if (!url.path.empty()) {
    Stream socket = co_await Stream::connect_unix(url.path, cancel);
    stream = std::make_unique<Stream>(std::move(socket));
    co_await greet(*stream, codec, url, cancel);
    co_return stream;
  }
  HostPort where = url.server;
  if (!url.sentinels.empty()) where = co_await find_master(url, cancel);
  stream = co_await open(where, url.tls, url.files, cancel);
  co_await greet(*stream, codec, url, cancel);
  if (!url.sentinels.empty()) co_await check_master(*stream, codec, where, cancel);
  co_return stream;
}

}  // namespace ryumem
