#include "common/net/redis.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

#include "common/async/timer.h"
#include "common/base/backoff.h"
#include "common/base/text.h"
#include "common/net/redis_codec.h"
#include "common/net/redis_connect.h"

namespace ryumem {
namespace {

constexpr Millis kFirstPause{20};
constexpr Millis kLongestPause{1000};

// How many times the limit a reply may take that is on its way: a slow link is not a dead one. Not
// more, for whoever waits has leases to renew behind it.
constexpr int kMostLimits = 3;

// States of a Redis in which the same command works later, perhaps on a new connection.
constexpr std::string_view kPassing[] = {"LOADING",  "BUSY",     "READONLY",   "MASTERDOWN",
                                         "TRYAGAIN", "MISCONF",  "NOREPLICAS", "CLUSTERDOWN",
                                         "OOM",      "UNBLOCKED"};
// An operator must mend these.
constexpr std::string_view kRefused[] = {"NOAUTH", "WRONGPASS", "NOPERM"};

bool begins_with_any(const std::string& text, const auto& words) {
  return std::any_of(std::begin(words), std::end(words),
                     [&text](std::string_view word) { return text.rfind(word, 0) == 0; });
}

}  // namespace

// A command whose reply somebody waits for; it lives in that coroutine's frame.
class Redis::Pending final : public Wait {
 public:
  Pending(Redis& redis, const RedisCommand& arguments, Millis patience, Cancel& cancel)
      : Wait(cancel),
        redis_(redis),
        due_(Monotonic::now() + redis.limit_ + patience),
        arguments_(arguments) {}

  /// When to give it up, if bytes came last at `heard`.
  Monotonic::time_point due(Monotonic::time_point heard) const {
    return std::clamp(heard + redis_.limit_, due_, due_ + (kMostLimits - 1) * redis_.limit_);
  }

  RedisReply await_resume() {
    Wait::await_resume();
    if (failure) throw *failure;
    return std::move(reply);
  }

  RedisReply reply;
  std::optional<Failure> failure;

 private:
  void begin() override {
    redis_.outgoing_ += encode_command(arguments_);
    redis_.pending_.push_back(this);
    redis_.written_.notify();
  }
  // The command is on its way; its reply will find nobody.
  void undo() noexcept override {
    std::replace(redis_.pending_.begin(), redis_.pending_.end(), this,
                 static_cast<Pending*>(nullptr));
  }

  Redis& redis_;
  Monotonic::time_point due_;
  const RedisCommand& arguments_;
};

Redis::Redis(RedisUrl url, Millis limit) : url_(std::move(url)), limit_(limit) {
  background_.spawn(keep_connected());
}

Task<RedisReply> Redis::command(RedisCommand arguments, Cancel& cancel) {
  co_return co_await send(std::move(arguments), Millis(0), cancel, never_);
}

Task<RedisReply> Redis::blocking_command(RedisCommand arguments, Millis patience, Cancel& cancel) {
  co_return co_await send(std::move(arguments), patience, cancel, cancel);
}

Task<RedisReply> Redis::send(RedisCommand arguments, Millis patience, Cancel& connecting,
                             Cancel& waiting) {
  while (stream_ == nullptr) {
    closing_.throw_if_requested();
    co_await connected_.wait(connecting);
  }
  Pending pending(*this, arguments, patience, waiting);
  RedisReply reply = co_await pending;
  if (reply.is_error() && begins_with_any(reply.text, kPassing)) {
    // After a failover the name may lead to the new master: look it up again.
    if (reply.text.rfind("READONLY", 0) == 0 && stream_ != nullptr) stream_->close();
    throw Failure(Kind::transient, url_.name() + ": " + excerpt(reply.text, 200));
  }
  if (reply.is_error() && begins_with_any(reply.text, kRefused))
    throw Failure(Kind::outage, url_.name() + ": " + excerpt(reply.text, 200) +
                                    "; check user and password in REDIS_URL");
  co_return reply;
}

Task<> Redis::close() {
  closing_.request(Failure(Kind::stopping, url_.name() + ": the connection is being closed"));
  connected_.notify();
  co_await background_.join();
}

Task<> Redis::keep_connected() {
  Backoff backoff(kFirstPause, kLongestPause);
  while (!closing_.requested()) {
    std::optional<Failure> failed;
    try {
      co_await live_one_connection(backoff);
    } catch (...) {
      failed = current_failure().at(url_.name());
    }
    if (closing_.requested()) failed = closing_.why();
    fail_pending(*failed);
    if (closing_.requested()) co_return;
    // Once per trouble, not once per try.
    if (trouble_ != failed->what()) spdlog::warn("{}; trying again until it works", failed->what());
    trouble_ = failed->what();
    try {
      const Millis pause = backoff.next();
      co_await Sleep(pause, closing_);
    } catch (const Failure&) {
      co_return;
    }
  }
}

Task<> Redis::live_one_connection(Backoff& backoff) {
  LinkedCancel connection(closing_);
  RedisCodec codec;
  std::optional<Deadline> deadline;
  // A server that expects no TLS waits for the rest of what it takes for a command.
  deadline.emplace(connection, limit_,
                   Failure(Kind::transient, std::string("no connection within the limit") +
                                                (url_.tls ? "; does it speak TLS there?" : "")));
  const std::unique_ptr<ByteStream> owned = co_await connect_redis(url_, codec, connection);
  ByteStream& stream = *owned;
  deadline.reset();

  spdlog::log(trouble_.empty() ? spdlog::level::info : spdlog::level::debug, "{}: connected",
              url_.name());
  stream_ = &stream;
  ++connections_;
  trouble_.clear();
  backoff.reset();
  connected_.notify();

  Timer watch;
  watch.every(std::max(Millis(10), limit_ / 8), [this, &connection, &codec] {
    const auto waiting = std::find_if(pending_.begin(), pending_.end(),
                                      [](const Pending* pending) { return pending != nullptr; });
    if (waiting != pending_.end() && Monotonic::now() > (*waiting)->due(codec.heard()))
      connection.request(Failure(Kind::transient, "no reply within the limit"));
  });
  Scope writer;
  writer.spawn(write_commands(stream, connection));
  std::exception_ptr ended;
  try {
    co_await read_replies(stream, codec, connection);
  } catch (...) {
    ended = std::current_exception();
  }
  watch.stop();
  stream_ = nullptr;
  outgoing_.clear();
  connection.request(Failure(Kind::transient, "the connection was lost"));
  try {
    co_await writer.join();
  } catch (const Failure&) {
    // Why the connection ended is known from its reader.
  }
  if (ended) std::rethrow_exception(ended);
}

Task<> Redis::read_replies(ByteStream& stream, RedisCodec& codec, Cancel& cancel) {
  for (;;) {
    RedisReply reply = co_await codec.read(stream, cancel);
    if (pending_.empty()) throw Failure(Kind::transient, "a reply came that nobody asked for");
    Pending* pending = pending_.front();
    pending_.pop_front();
    if (pending == nullptr) continue;
    pending->reply = std::move(reply);
    pending->wake();
  }
}

Task<> Redis::write_commands(ByteStream& stream, Cancel& cancel) {
  for (;;) {
    while (outgoing_.empty()) co_await written_.wait(cancel);
    // Everything that was enqueued in this turn of the loop goes out in one write.
    std::string bytes = std::exchange(outgoing_, {});
    co_await stream.write(std::move(bytes), cancel);
  }
}

void Redis::fail_pending(const Failure& why) {
  for (Pending* pending : std::exchange(pending_, {})) {
    if (pending == nullptr) continue;
    pending->failure = why;
    pending->wake();
  }
}

}  // namespace ryumem
