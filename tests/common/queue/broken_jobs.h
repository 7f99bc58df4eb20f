// A queue with one job in each place, made by the transitions themselves, and ways to break it.
#pragma once

#include <string>
#include <vector>

#include "common/queue/audit.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem::test {

/// A job's body as the server's producer writes it.
inline std::string plain_body(const std::string& id, const std::string& status = "pending") {
  return R"({"job_id": ")" + id + R"(", "episode_uuid": "e-)" + id +
         R"(", "content": "what was said", "user_id": "u", "customer_id": "acme", )" +
         R"("api_key": "the-secret", "status": ")" + status +
         R"(", "retry_count": 2, "max_retries": 3})";
}

inline void store_body(RedisServer& server, const std::string& id,
                       const std::string& status = "pending") {
  server.ask({"SET", "ryumem:job:" + id, plain_body(id, status), "EX", "86400"});
}

/// What tests need of a connected queue; a coroutine lambda that captures nothing.
struct AuditBench {
  RedisServer& server;
  Redis& redis;
  Queue& queue;
  Cancel& cancel;
  AuditBench(RedisServer& the_server, Redis& the_redis, Queue& the_queue, Cancel& the_cancel)
      : server(the_server), redis(the_redis), queue(the_queue), cancel(the_cancel) {}
};
using AuditTest = Task<> (*)(AuditBench&);

inline Task<> run_audit_test(RedisServer& server, AuditTest body) {
  Cancel cancel;
  Redis redis(RedisUrl::parse(server.url()), Seconds(8));
  Queue queue(redis, Keys(), "w", Seconds(20));
  AuditBench bench(server, redis, queue, cancel);
  std::exception_ptr problem;
  try {
    co_await body(bench);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await redis.close();
  if (problem) std::rethrow_exception(problem);
}

inline void with_audit(RedisServer& server, AuditTest body) {
  run_on_loop(run_audit_test(server, body), Seconds(50));
}

/// Ids: pending, processing, peers, delayed, dead, told, unreadable, completed, failed. Each is
/// where its name says; processing, delayed, dead and told have a journal.
inline void fill_every_place(RedisServer& server) {
  with_audit(server, [](AuditBench& bench) -> Task<> {
    for (const char* id : {"processing", "delayed", "dead", "told", "completed"}) {
      store_body(bench.server, id);
      bench.server.ask({"LPUSH", "ryumem:extraction_jobs", id});
    }
    const std::vector<Claim> claims = co_await bench.queue.claim(5, bench.cancel);
    for (const Claim& claim : claims) {
      const Job job = parse_job(claim.id, *claim.body, 3);
      Burial burial;
      burial.kind = "rejected";
      burial.cause = "422: field required";
      burial.attempt = 3;
      burial.record = R"({"at":"2026-11-23T14:24:31","kind":"rejected","cause":"422"})";
      co_await bench.queue.start(job, claim.token, bench.cancel);
      co_await bench.queue.note(job.id, claim.token, "entities", "the answer", std::nullopt,
                                bench.cancel);
      if (job.id == "delayed")
        co_await bench.queue.delay(job, claim.token, Seconds(3600), "{}", bench.cancel);
      if (job.id == "dead" || job.id == "told")
        co_await bench.queue.bury(job, claim.token, burial, bench.cancel);
      if (job.id == "completed") co_await bench.queue.complete(job, claim.token, bench.cancel);
    }
    Untold told;
    told.id = "told";
    told.at = bench.server.ask({"HGET", "ryumem:dead:told", "at"});
    co_await bench.queue.told(told, "", bench.cancel);
    bench.server.ask({"SET", "ryumem:job:unreadable", "not JSON"});
    bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "unreadable"});
    const std::vector<Claim> odd = co_await bench.queue.claim(1, bench.cancel);
    Burial burial;
    burial.kind = "gone";
    burial.cause = "it is not JSON";
    burial.record = "{}";
    co_await bench.queue.bury_unreadable(odd[0].id, odd[0].token, burial, bench.cancel);
    store_body(bench.server, "failed", "failed");
    store_body(bench.server, "peers", "processing");
    bench.server.ask({"LPUSH", "ryumem:extraction_processing", "peers"});
    store_body(bench.server, "pending");
    bench.server.ask({"LPUSH", "ryumem:extraction_jobs", "pending"});
  });
}

}  // namespace ryumem::test
