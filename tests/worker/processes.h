// The programs as an operator runs them: a sandbox, and a worker without a supervisor.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "common/base/failure.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "common/net/http_client.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem::test {

/// Longer than anything here takes on a busy machine.
inline constexpr Millis kPatience{30'000};

class SandboxProcess {
 public:
  /// `dimensions`: how many numbers a vector has. `host`: the address it listens on. Throws Failure
  /// if it does not come up.
  explicit SandboxProcess(const std::string& internal_key = "", int dimensions = 4,
                          const std::string& host = "127.0.0.1")
      : process_({program("ryumem-sandbox"), "--listen=" + host + ":0",
                  "--dimensions=" + std::to_string(dimensions), "--internal-key=" + internal_key,
                  "--port-file=" + folder_.file("port")}) {
    const auto up = [this] { return !read_file(folder_.file("port")).empty(); };
    if (!wait_until(kPatience, up)) throw Failure(Kind::internal, process_.err());
    url_ = "http://" + host + ":" + trimmed(read_file(folder_.file("port")));
  }

  const std::string& url() const { return url_; }

  /// Asks the sandbox itself, and waits for its answer.
  std::string control(const std::string& method, const std::string& path,
                      const std::string& body = "") {
    std::string answer;
    run_on_loop(ask(method, url_ + path, body, &answer), kPatience);
    return answer;
  }
  /// `rules`: JSON objects, as POST /sandbox/faults takes them.
  void inject(const std::string& rules) {
    control("POST", "/sandbox/faults", "{\"rules\":[" + rules + "]}");
  }
  void heal() { control("DELETE", "/sandbox/faults"); }

  /// The calls on paths that begin so, as they came; each line is a JSON object.
  std::vector<std::string> call_lines(const std::string& path) {
    std::vector<std::string> lines;
    for (const std::string& line :
         split(control("GET", "/sandbox/ledger?vectors=1&path=" + path), '\n'))
      if (!line.empty()) lines.push_back(line);
    return lines;
  }
  std::vector<JsonDocument> calls(const std::string& path) {
    std::vector<JsonDocument> found;
    for (const std::string& line : call_lines(path)) found.push_back(JsonDocument::parse(line));
    return found;
  }

 private:
  static std::string trimmed(const std::string& text) { return std::string(trim(text)); }
  static Task<> ask(std::string method, std::string url, std::string body, std::string* answer) {
    HttpClient http(1);
    Cancel never;
    HttpRequest request(std::move(method), std::move(url));
    request.body = std::move(body);
    const HttpReply reply = co_await http.send(std::move(request), never);
    if (reply.status != 200) throw Failure(Kind::internal, reply.body);
    *answer = reply.body;
  }

  TempDir folder_;
  ChildProcess process_;
  std::string url_;
};

/// The environment of a worker between `redis` and `sandbox`, and `more`, which goes first. Unless
/// that says otherwise every job's texts are embedded by themselves, so that each job makes its own
/// calls.
inline std::vector<std::string> worker_environment(const RedisServer& redis,
                                                   const SandboxProcess& sandbox,
                                                   const std::vector<std::string>& more) {
  std::vector<std::string> all = {"RYUMEM_WORKER_EMBEDDING_CACHE_MB=0",
                                  "RYUMEM_WORKER_EMBEDDING_BATCH_WAIT_MS=0",
                                  "LLM_PROVIDER=ollama",
                                  "EMBEDDING_PROVIDER=ollama",
                                  "EMBEDDING_DIMENSIONS=4",
                                  "REDIS_URL=" + redis.url(),
                                  "SERVER_URL=" + sandbox.url(),
                                  "OLLAMA_BASE_URL=" + sandbox.url()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// A running ryumem-worker, alone.
class WorkerProcess {
 public:
  WorkerProcess(const RedisServer& redis, const SandboxProcess& sandbox,
                const std::vector<std::string>& more = {})
      : process_({program("ryumem-worker")}, worker_environment(redis, sandbox, more)) {}

  ChildProcess& process() { return process_; }
  /// Waits until it says that it takes jobs.
  bool ready() {
    return wait_until(kPatience, [this] { return said("ready: "); });
  }
  bool said(const std::string& what) { return process_.err().find(what) != std::string::npos; }

 private:
  ChildProcess process_;
};

}  // namespace ryumem::test
