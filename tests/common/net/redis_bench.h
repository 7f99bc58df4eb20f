// A Redis connection on a loop of its own, for tests of how it connects.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/async/timer.h"
#include "common/net/redis.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem::test {

/// Runs `body` with a connection to `url`, and closes it. `body` captures nothing.
inline void with_connection(RedisUrl url, Task<> (*body)(Redis&, Cancel&),
                            Millis limit = Seconds(5)) {
  const auto main = [](RedisUrl its_url, Task<> (*its_body)(Redis&, Cancel&),
                       Millis its_limit) -> Task<> {
    Cancel never;
    Redis redis(std::move(its_url), its_limit);
    std::exception_ptr failed;
    try {
      co_await its_body(redis, never);
    } catch (...) {
      failed = std::current_exception();
    }
    co_await redis.close();
    if (failed) std::rethrow_exception(failed);
  };
  run_on_loop(main(std::move(url), body, limit), Seconds(60));
}

inline Task<> until_trouble(Redis& redis, std::string part) {
  const std::function<bool()> seen = [&] {
    return redis.trouble().find(part) != std::string::npos;
  };
  const std::string what = "trouble with \"" + part + "\" in it";
  co_await eventually(what.c_str(), Seconds(20), seen);
}

/// Sends the words of one command until it is answered without a failure, and gives the reply.
inline Task<RedisReply> answered(Redis& redis, RedisCommand command, Cancel& cancel) {
  const Monotonic::time_point began = Monotonic::now();
  for (;;) {
    std::optional<Failure> failed;
    try {
      RedisReply reply = co_await redis.command(command, cancel);
      co_return reply;
    } catch (const Failure& failure) {
      failed = failure;
    }
    if (Monotonic::now() - began > Seconds(40)) throw *failed;
    co_await Sleep(Millis(20), cancel);
  }
}

}  // namespace ryumem::test
