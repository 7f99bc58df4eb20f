#include "common/net/redis_codec.h"

#include <hiredis/hiredis.h>

#include <new>

#include "common/base/failure.h"

namespace ryumem {
namespace {

RedisReply copy(const redisReply& raw) {
  RedisReply out;
  switch (raw.type) {
    case REDIS_REPLY_INTEGER:
      out.type = RedisReply::Type::integer;
      out.integer = raw.integer;
      break;
    case REDIS_REPLY_STRING:
      out.type = RedisReply::Type::string;
      out.text.assign(raw.str, static_cast<std::size_t>(raw.len));
      break;
    case REDIS_REPLY_STATUS:
      out.type = RedisReply::Type::status;
      out.text.assign(raw.str, static_cast<std::size_t>(raw.len));
      break;
    case REDIS_REPLY_ERROR:
      out.type = RedisReply::Type::error;
      out.text.assign(raw.str, static_cast<std::size_t>(raw.len));
      break;
    case REDIS_REPLY_ARRAY:
      out.type = RedisReply::Type::array;
      for (std::size_t i = 0; i < raw.elements; ++i) out.items.push_back(copy(*raw.element[i]));
      break;
    default:
      break;
  }
  return out;
}

}  // namespace

std::string encode_command(const RedisCommand& arguments) {
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string& argument : arguments) {
    texts.push_back(argument.data());
    lengths.push_back(argument.size());
  }
  char* formatted = nullptr;
  const auto length = redisFormatCommandArgv(&formatted, static_cast<int>(arguments.size()),
                                             texts.data(), lengths.data());
  if (length < 0) throw std::bad_alloc();
  std::string out(formatted, static_cast<std::size_t>(length));
  redisFreeCommand(formatted);
  return out;
}

RedisCodec::RedisCodec() : reader_(redisReaderCreate()) {
  if (reader_ == nullptr) throw std::bad_alloc();
}

RedisCodec::~RedisCodec() { redisReaderFree(reader_); }

void RedisCodec::feed(const std::string& bytes) {
  heard_ = Monotonic::now();
  redisReaderFeed(reader_, bytes.data(), bytes.size());
}

std::optional<RedisReply> RedisCodec::next() {
  void* raw = nullptr;
  if (redisReaderGetReply(reader_, &raw) != REDIS_OK)
    throw Failure(Kind::transient, std::string("what answers is not a Redis: ") + reader_->errstr);
  if (raw == nullptr) return std::nullopt;
  std::optional<RedisReply> out = copy(*static_cast<redisReply*>(raw));
  freeReplyObject(raw);
  return out;
}

Task<RedisReply> RedisCodec::read(ByteStream& stream, Cancel& cancel) {
  std::optional<RedisReply> reply = next();
  while (!reply) {
    std::string bytes = co_await stream.read(cancel);
    if (bytes.empty()) throw Failure(Kind::transient, "Redis closed the connection");
    feed(bytes);
    reply = next();
  }
  co_return std::move(*reply);
}

}  // namespace ryumem
