// The parts of a worker and the sandbox they talk to, all on one loop.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <vector>

#include "common/base/json.h"
#include "common/base/text.h"
#include "common/net/http_server.h"
#include "sandbox/sandbox.h"
#include "tests/common/queue/failure_of.h"
#include "tests/support/run_on_loop.h"
#include "worker/graph/graph_server.h"
#include "worker/llm/chat_model.h"
#include "worker/llm/embedder.h"

namespace ryumem::test {

/// Settings of a worker, as it would read them from these variables; vectors have four numbers and
/// are not cached, a call is tried once and may take a second unless the variables say otherwise.
inline Settings worker_settings(int port, const Environment& more) {
  const std::string url = "http://127.0.0.1:" + std::to_string(port);
  Environment variables = more;
  variables.insert({{"LLM_PROVIDER", "ollama"},
                    {"EMBEDDING_PROVIDER", "ollama"},
                    {"EMBEDDING_DIMENSIONS", "4"},
                    {"RYUMEM_WORKER_EMBEDDING_CACHE_MB", "0"},
                    {"SERVER_URL", url},
                    {"OLLAMA_BASE_URL", url},
                    {"GOOGLE_GEMINI_BASE_URL", url},
                    {"OPENAI_BASE_URL", url + "/v1"},
                    {"LITELLM_PROXY_API_BASE", url},
                    {"RYUMEM_WORKER_CALL_TRIES", "1"},
                    {"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "5"}});
  return read_settings({}, variables);
}

class Bench {
 public:
  Bench(int port, const Environment& variables)
      : settings(worker_settings(port, variables)),
        circuits(board.slot(0)),
        model(model_http, settings, board.slot(0), circuits),
        embedder(model_http, settings, board.slot(0), circuits),
        graph(server_http, settings, board.slot(0), circuits.server) {}

  Scoreboard board = Scoreboard::create(1);
  Settings settings;
  Circuits circuits;
  HttpClient model_http{32};
  HttpClient server_http{32};
  ChatModel model;
  Embedder embedder;
  GraphServer graph;
  Cancel cancel;

  Slot& slot() { return board.slot(0); }
  CircuitState shown(Dependency on) {
    return static_cast<CircuitState>(slot().of(on).state.load());
  }
  /// As if each dependency had answered: the next call goes out.
  void close_circuits() {
    circuits.chat.succeeded();
    circuits.embedding.succeeded();
    circuits.server.succeeded();
  }

  /// Asks the sandbox itself.
  Task<std::string> control(std::string method, std::string path, std::string body) {
    HttpRequest request(std::move(method), settings.server_url + path);
    request.body = std::move(body);
    const HttpReply reply = co_await model_http.send(std::move(request), cancel);
    if (reply.status != 200) throw Failure(Kind::internal, path + ": " + reply.body);
    co_return reply.body;
  }
  /// `rules`: JSON objects, as POST /sandbox/faults takes them.
  Task<> inject(std::string rules) {
    co_await control("POST", "/sandbox/faults", "{\"rules\":[" + rules + "]}");
  }
  Task<> script(std::string json) { co_await control("POST", "/sandbox/script", std::move(json)); }
  /// The calls that the sandbox got on paths that begin so, as they came.
  Task<std::vector<JsonDocument>> calls(std::string path) {
    const std::string target = "/sandbox/ledger?vectors=1&path=" + path;
    const std::string lines = co_await control("GET", target, "");
    std::vector<JsonDocument> found;
    for (const std::string& line : split(lines, '\n'))
      if (!line.empty()) found.push_back(JsonDocument::parse(line));
    co_return found;
  }
};

/// A coroutine lambda that captures nothing.
using BenchTest = Task<> (*)(Bench&);

inline Task<> run_bench_test(sandbox::Options options, Environment variables, BenchTest body) {
  sandbox::Sandbox sandbox(options);
  HttpServer server(
      "127.0.0.1", 0, [&sandbox](HttpExchange& exchange) { return sandbox.handle(exchange); },
      sandbox::Sandbox::server_settings());
  std::exception_ptr problem;
  {
    Bench bench(server.port(), variables);
    try {
      co_await body(bench);
    } catch (...) {
      problem = std::current_exception();
    }
  }
  co_await server.stop();
  if (problem) std::rethrow_exception(problem);
}

/// Runs `body` beside a fresh sandbox.
inline void with_bench(BenchTest body, const Environment& variables = {},
                       const std::string& internal_key = "") {
  sandbox::Options options;
  options.dimensions = 4;
  options.internal_key = internal_key;
  run_on_loop(run_bench_test(options, variables, body), Seconds(40));
}

}  // namespace ryumem::test
