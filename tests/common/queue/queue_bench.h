// A queue on a Redis of the test's own, and jobs as the server's producer writes them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <vector>

#include "common/queue/queue.h"
#include "tests/common/queue/failure_of.h"
#include "tests/common/queue/redis_state.h"
#include "tests/support/run_on_loop.h"

namespace ryumem::test {

struct QueueBench {
  RedisServer& server;
  Redis& redis;
  Queue& queue;
  Cancel& cancel;
  QueueBench(RedisServer& the_server, Redis& the_redis, Queue& the_queue, Cancel& the_cancel)
      : server(the_server), redis(the_redis), queue(the_queue), cancel(the_cancel) {}
  std::vector<std::string> state() { return state_of(server); }
};

/// A coroutine lambda that captures nothing.
using QueueTest = Task<> (*)(QueueBench&);

/// Longer than a busy machine needs for an answer.
inline constexpr Millis kPatientLimit{8000};

inline Task<> run_queue_test(RedisServer& server, Millis limit, QueueTest body) {
  Cancel cancel;
  Redis redis(RedisUrl::parse(server.url()), limit);
  Queue queue(redis, Keys(), "w");
  QueueBench bench(server, redis, queue, cancel);
  std::exception_ptr problem;
  try {
    co_await body(bench);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await redis.close();
  if (problem) std::rethrow_exception(problem);
}

/// Runs `body` with a queue whose owner is "w": the first claim gives the tokens w:1:1, w:1:2, …
inline void with_queue(RedisServer& server, QueueTest body, Millis limit = kPatientLimit) {
  run_on_loop(run_queue_test(server, limit, body), Seconds(40));
}

/// The text of a job, in the words of Python's json module, with what we know nothing of.
inline std::string peer_body(const std::string& id, const std::string& status = "pending",
                             int retry_count = 0) {
  return R"({"job_id": ")" + id + R"(", "episode_uuid": "e-)" + id +
         R"(", "content": "Gr\u00fc\u00dfe \ud83d\ude00 \u0000 \"{x}\"", "user_id": "u", )"
         R"("customer_id": "acme", "api_key": "k", "context": null, )"
         R"("created_at": "2026-11-23T14:24:31.994961", "status": ")" +
         status + R"(", "retry_count": )" + std::to_string(retry_count) +
         R"(, "max_retries": 3, "trace": {"status": "mine", "n":[ 1.50 ,-0.0]}, "\u00e9": null})";
}

/// Enqueues as the server's producer does.
inline void produce(RedisServer& server, const std::string& id) {
  server.ask({"SET", "ryumem:job:" + id, peer_body(id), "EX", "86400"});
  server.ask({"LPUSH", "ryumem:extraction_jobs", id});
}

/// The line of state_of() for a job's body.
inline std::string job_line(const std::string& id, const std::string& status, int retry_count,
                            const std::string& lifetime) {
  return "ryumem:job:" + id + " string " + peer_body(id, status, retry_count) + lifetime;
}

}  // namespace ryumem::test
