// Redis, sandbox, and jobs as the producer writes them, for tests of the worker's program.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/common/queue/redis_state.h"
#include "tests/worker/pipeline/episode.h"
#include "tests/worker/places.h"
#include "tests/worker/processes.h"

namespace ryumem::test {

class WorkerTest : public testing::Test {
 protected:
  explicit WorkerTest(std::vector<std::string> redis_arguments = {},
                      const std::string& sandbox_host = "127.0.0.1")
      : redis(std::move(redis_arguments)), sandbox("", 4, sandbox_host) {
    sandbox.control("POST", "/sandbox/script", kEpisodeScript);
  }

  RedisServer redis;
  SandboxProcess sandbox;

  void put(const std::string& id, const std::string& content = kEpisodeText, int retry_count = 0) {
    Job job = episode_job(id, retry_count);
    job.content = content;
    redis.ask({"SET", "ryumem:job:" + id, new_body(job), "EX", "86400"});
    redis.ask({"LPUSH", "ryumem:extraction_jobs", id});
  }
  std::vector<std::string> state() { return state_of_jobs(redis); }
  /// The line of state() for the job's body.
  static std::string line(const std::string& id, const std::string& status, int retry_count,
                          const std::string& lifetime) {
    return "ryumem:job:" + id + " string " + text(id, status, retry_count) + lifetime;
  }
  static std::string text(const std::string& id, const std::string& status, int retry_count) {
    Job job = episode_job(id);
    job.body = new_body(job);
    return body_with(job, status, retry_count);
  }
  /// What the job's body says of it; "" without a body.
  std::string status_of(const std::string& id) {
    const std::string body = redis.ask({"GET", "ryumem:job:" + id});
    const std::size_t at = body.find("\"status\":\"");
    if (at == std::string::npos) return "";
    return body.substr(at + 10, body.find('"', at + 10) - at - 10);
  }
  /// Kills Redis if it runs, and starts it again with what it had written.
  void bring_redis_back() {
    redis.restart();
    // It answers before it has read its file.
    EXPECT_TRUE(wait_until(kPatience, [&] { return redis.ask({"PING"}) == "PONG"; }));
  }
  std::string places(const std::string& id) { return test::places_of(redis, id); }
  bool comes_to(const std::string& id, const std::string& places) {
    return wait_until(kPatience, [&] { return places_of(redis, id) == places; });
  }
  std::string letter(const std::string& id, const std::string& field) {
    return redis.ask({"HGET", "ryumem:dead:" + id, field});
  }
  /// Nothing is in hand, nothing waits, and no journal is left.
  void expect_all_done() {
    EXPECT_EQ(redis.ask({"EXISTS", "ryumem:extraction_jobs", "ryumem:extraction_processing",
                         "ryumem:owners", "ryumem:leases", "ryumem:delayed", "ryumem:dead"}),
              "0");
    EXPECT_EQ(redis.ask({"KEYS", "ryumem:journal:*"}), "");
  }
  bool becomes(const std::string& id, const std::string& status) {
    return wait_until(kPatience, [&] { return status_of(id) == status; });
  }
  /// So many calls on a path are at the sandbox, answered or not.
  bool calls_come(const std::string& path, std::size_t count) {
    return wait_until(kPatience, [&] { return sandbox.call_lines(path).size() >= count; });
  }
  /// How often each episode was reported as completed.
  std::map<std::string, int> completions() {
    std::map<std::string, int> found;
    for (const JsonDocument& call : sandbox.calls("/internal/episodes"))
      if (call.root()["answer"]["status"].string() == "completed")
        ++found[std::string(*call.root()["body"]["job_id"].string())];
    return found;
  }
};

}  // namespace ryumem::test
