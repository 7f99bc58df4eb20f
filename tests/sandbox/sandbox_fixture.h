// A sandbox on a free port and a client, on one loop.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/async/loop.h"
#include "common/async/timer.h"
#include "common/base/failure.h"
#include "common/net/http_server.h"
#include "common/net/stream.h"
#include "sandbox/sandbox.h"

namespace ryumem::sandbox::test {

struct Response {
  Response() = default;
  int status = 0;
  std::string head;
  std::string body;
  bool ended_early = false;  // the connection ended before the announced length
};

/// One request on a connection of its own; throws Failure when the connection breaks.
inline Task<Response> call(int port, std::string method, std::string target, std::string body,
                           std::string headers, Cancel& cancel) {
  Stream stream = co_await Stream::connect_tcp("127.0.0.1", port, cancel);
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: sandbox\r\n" + headers +
                        "Content-Length: " + std::to_string(body.size()) +
                        "\r\nConnection: close\r\n\r\n" + body;
  co_await stream.write(request, cancel);
  std::string bytes;
  for (;;) {
    std::string more = co_await stream.read(cancel);
    if (more.empty()) break;
    bytes += more;
  }
  Response response;
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string::npos) {
    response.ended_early = true;
    co_return response;
  }
  response.head = bytes.substr(0, head_end);
  response.body = bytes.substr(head_end + 4);
  response.status = std::stoi(response.head.substr(9, 3));
  const std::size_t length = response.head.find("Content-Length: ");
  response.ended_early = std::stoul(response.head.substr(length + 16)) > response.body.size();
  co_return response;
}

/// What a test does with a running sandbox. A plain function: coroutine lambdas capture nothing.
struct Client {
  Client(int the_port, Cancel& the_cancel) : port(the_port), cancel(the_cancel) {}
  int port;
  Cancel& cancel;
  Task<Response> get(std::string target) { return call(port, "GET", target, "", "", cancel); }
  Task<Response> remove(std::string target) { return call(port, "DELETE", target, "", "", cancel); }
  Task<Response> post(std::string target, std::string body) {
    return call(port, "POST", target, body, "", cancel);
  }
};

inline Task<> serve_and_run(const Options& options, Task<> (*body)(Client&)) {
  Cancel cancel;
  Deadline deadline(cancel, Millis(5000), Failure(Kind::transient, "the test took too long"));
  Sandbox sandbox(options);
  HttpServer server(
      "127.0.0.1", 0, [&sandbox](HttpExchange& exchange) { return sandbox.handle(exchange); },
      Sandbox::server_settings());
  Client client(server.port(), cancel);
  std::exception_ptr problem;
  try {
    co_await body(client);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await server.stop();
  if (problem) std::rethrow_exception(problem);
}

/// Runs `body` against a fresh sandbox whose vectors have four numbers.
inline void with_sandbox(Task<> (*body)(Client&), Options options = Options()) {
  options.dimensions = options.dimensions == 768 ? 4 : options.dimensions;
  try {
    Loop loop;
    loop.run(serve_and_run(options, body));
  } catch (const Failure& failure) {
    ADD_FAILURE() << failure.what();
  }
}

inline std::string entity_body(const std::string& name, const std::string& vector,
                               const std::string& user = "u") {
  return "{\"name\":\"" + name + "\",\"entity_type\":\"PERSON\",\"name_embedding\":" + vector +
         ",\"user_id\":\"" + user + "\",\"customer_id\":\"c\",\"similarity_threshold\":0.65}";
}

}  // namespace ryumem::sandbox::test
