// A Redis for the bench's jobs, and all that a worker needs to run them one by one.
#pragma once

#include <memory>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "common/base/text.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/worker/bench.h"
#include "tests/worker/canonical_json.h"
#include "tests/worker/pipeline/episode.h"
#include "tests/worker/places.h"
#include "worker/pipeline/run_job.h"
#include "worker/pipeline/teller.h"

namespace ryumem::test {

/// A worker's queue and what is above it, under a name of its own.
class Hand {
 public:
  Hand(Bench& bench, RedisServer& server, const std::string& owner)
      : bench_(bench),
        redis(RedisUrl::parse(server.url()), Millis(8000)),
        queue(redis, Keys(), owner, bench.settings.lease),
        leases(queue, bench.slot()),
        extraction(bench.model, bench.embedder, bench.graph, bench.slot(),
                   bench.settings.chunk_tokens),
        runner(queue, leases, extraction, bench.circuits, buried, bench.settings, bench.slot()) {}

  /// Claims the oldest job; there must be one.
  Task<Claim> claim() {
    std::vector<Claim> claims = co_await queue.claim(1, last);
    if (claims.empty()) throw Failure(Kind::internal, "there is no job to claim");
    co_return std::move(claims.at(0));
  }
  /// Runs a claimed job to its settlement.
  Task<> settle(Claim claim, bool canary = false) {
    co_await runner.run(std::move(claim), boottime_ms(), canary, work, last);
  }
  Task<> run_one() {
    Claim taken = co_await claim();
    co_await settle(std::move(taken));
  }
  /// The work on a claimed job, without its settlement: as a process leaves it that dies then.
  Task<Counts> extract(Claim taken) { co_return co_await extract(std::move(taken), extraction); }
  /// The same by another worker's models.
  Task<Counts> extract(Claim taken, Extraction& its) {
    const Job job = parse_job(taken.id, *taken.body, 3);
    LinkedCancel mine(work);
    Leases::Hold hold(leases, taken, boottime_ms(), mine);
    Journal journal(queue, taken);
    Once once(journal, hold, bench_.slot(), mine, last);
    Attempt attempt(job.id, bench_.slot());
    co_return co_await its.run(job, attempt, once, mine);
  }
  Task<Counts> extract_one() {
    Claim taken = co_await claim();
    co_return co_await extract(std::move(taken));
  }

 private:
  Bench& bench_;

 public:
  Redis redis;
  Queue queue;
  Leases leases;
  Extraction extraction;
  Notice buried;
  JobRunner runner;
  Cancel work;
  Cancel last;
};

class Line {
 public:
  explicit Line(Bench& bench)
      : bench_(bench), hand(bench, server, "w"), other(bench, server, "o") {}

 private:
  Bench& bench_;

 public:
  RedisServer server;
  Hand hand;
  Hand other;

  void put(const Job& job) { put_body(job.id, new_body(job)); }
  void put_body(const std::string& id, const std::string& body) {
    server.ask({"SET", "ryumem:job:" + id, body, "EX", "86400"});
    server.ask({"LPUSH", "ryumem:extraction_jobs", id});
  }
  std::string places(const std::string& id) { return places_of(server, id); }
  std::string body(const std::string& id) { return body_of(server, id); }
  std::string journal(const std::string& id, const std::string& field) {
    return server.ask({"HGET", "ryumem:journal:" + id, field});
  }
  std::string letter(const std::string& id, const std::string& field) {
    return server.ask({"HGET", "ryumem:dead:" + id, field});
  }
  std::int64_t now_ms() {
    const std::vector<std::string> parts = split(server.ask({"TIME"}), '\n');
    return std::stoll(parts.at(0)) * 1000 + std::stoll(parts.at(1)) / 1000;
  }

  /// What a supervisor does with a delayed job whose time has come.
  Task<> promote(const std::string& id) {
    server.ask({"ZADD", "ryumem:delayed", "XX", "0", id});
    co_await other.queue.promote(bench_.cancel);
  }
  /// What a supervisor does when the lease of a job has run out.
  Task<TakenBack> expire(const std::string& id) {
    server.ask({"ZADD", "ryumem:leases", "XX", "0", id});
    co_return co_await other.queue.expire(bench_.cancel);
  }
  /// Tells the server of dead jobs until nobody is left to be told of.
  Task<> tell() {
    Cancel ended;
    Scope scope;
    Teller teller(hand.queue, bench_.graph, hand.buried, bench_.slot());
    scope.spawn(teller.run(ended));
    const std::function<bool()> told = [this] {
      return server.ask({"EXISTS", "ryumem:untold"}) == "0";
    };
    std::exception_ptr problem;
    try {
      co_await eventually("the server is told", Seconds(15), told);
    } catch (...) {
      problem = std::current_exception();
    }
    ended.request(Failure(Kind::stopping, "over"));
    co_await scope.join();
    if (problem) std::rethrow_exception(problem);
  }
};

/// A coroutine lambda that captures nothing.
using LineTest = Task<> (*)(Bench&, Line&);

inline LineTest& line_test() {
  static LineTest body = nullptr;
  return body;
}

inline Task<> run_line_test(Bench& bench) {
  co_await bench.script(kEpisodeScript);
  Line line(bench);
  std::exception_ptr problem;
  try {
    co_await line_test()(bench, line);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await line.hand.redis.close();
  co_await line.other.redis.close();
  if (problem) std::rethrow_exception(problem);
}

/// Runs `body` beside a fresh sandbox, which has the script of episode.h, and a fresh Redis.
inline void with_line(LineTest body, const Environment& variables = {}) {
  line_test() = body;
  with_bench(run_line_test, variables);
}

/// How often the sandbox has answered each call with 200, by path and body; calls that differ only
/// in what they are about are counted apart. `vectors` and all.
inline Task<std::map<std::string, int>> answered(Bench& bench, std::string path) {
  const std::vector<JsonDocument> calls = co_await bench.calls(path);
  std::map<std::string, int> found;
  for (const JsonDocument& call : calls) {
    const std::string what =
        std::string(call.root()["path"].string().value_or("")) + canonical(call.root()["body"]);
    found[what] += call.root()["status"].integer() == 200 ? 1 : 0;
  }
  co_return found;
}

}  // namespace ryumem::test
