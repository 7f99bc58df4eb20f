// A queue on a Redis of the test's own, and jobs as the server's producer writes them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
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

/// "in 20 s" in state_of().
inline constexpr Millis kLease{20'000};

inline Task<> run_queue_test(RedisServer& server, Millis limit, QueueTest body) {
  Cancel cancel;
  Redis redis(RedisUrl::parse(server.url()), limit);
  Queue queue(redis, Keys(), "w", kLease);
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

/// A moment of Redis' clock so many seconds from now (negative: ago), as a score.
inline std::string from_now(RedisServer& server, int seconds) {
  const std::string now = server.ask({"TIME"});
  return std::to_string((std::atoll(now.c_str()) + seconds) * 1000);
}

/// The digest that `strangers` notes of a body.
inline std::string digest(RedisServer& server, const std::string& body) {
  return server.ask({"EVAL", "return redis.sha1hex(ARGV[1])", "0", body});
}

inline Job job_of(const Claim& claim) { return parse_job(claim.id, claim.body.value_or(""), 3); }

/// Enqueues as the server's producer does.
inline void produce(RedisServer& server, const std::string& id) {
  server.ask({"SET", "ryumem:job:" + id, peer_body(id), "EX", "86400"});
  server.ask({"LPUSH", "ryumem:extraction_jobs", id});
}

/// Puts a job with a journal into our hands: token w:1:1, and a paid call is under way.
inline Task<Claim> hold(QueueBench& bench, std::string id) {
  produce(bench.server, id);
  const std::vector<Claim> claims = co_await bench.queue.claim(1, bench.cancel);
  if (claims.size() != 1) throw Failure(Kind::internal, "the job was not claimed");
  co_await bench.queue.note(id, claims[0].token, "entities", "[1]", "", bench.cancel);
  co_await bench.queue.note(id, claims[0].token, "asked", "embed_entities", std::nullopt,
                            bench.cancel);
  co_return claims[0];
}
inline Task<Claim> hold(QueueBench& bench) { return hold(bench, "a"); }

/// The line of state_of() for a job's body.
inline std::string job_line(const std::string& id, const std::string& status, int retry_count,
                            const std::string& lifetime) {
  return "ryumem:job:" + id + " string " + peer_body(id, status, retry_count) + lifetime;
}

}  // namespace ryumem::test
