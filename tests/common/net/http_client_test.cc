#include "common/net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "common/net/http_server.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::run_on_loop;
using testing::HasSubstr;

// Says what it was asked; some paths misbehave.
Task<> answer(HttpExchange& exchange) {
  const HttpQuery& query = exchange.query;
  const std::string& path = query.path;
  if (path == "/reset") {
    exchange.reset();
    co_return;
  }
  if (path == "/hang") co_await Sleep(Seconds(600), exchange.cancel());
  std::string raw;
  if (path == "/truncated") raw = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort";
  if (path == "/garbage") raw = "\x01\x02\x03 no HTTP\r\n\r\n";
  if (path == "/later")
    raw = "HTTP/1.1 503 Busy\r\nRetry-After: 1.5\r\nX-Thing: yes\r\nContent-Length: 0\r\n\r\n";
  if (path == "/moved")
    raw = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
  if (!raw.empty()) {
    co_await exchange.send_raw(raw);
    co_return;
  }
  const std::string said = query.method + " " + path + " " + query.header("x-key") + " " +
                           query.header("expect") + "|" + query.body;
  const std::string body = path == "/large" ? std::string(3'000'000, 'x') : said;
  const int status = path == "/missing" ? 404 : 200;
  co_await exchange.respond(HttpAnswer(status, body));
}

class Bench {
 public:
  explicit Bench(std::size_t connections = 16)
      : server("127.0.0.1", 0, answer, settings()), client(connections) {}

  static HttpServer::Settings settings() {
    HttpServer::Settings out;
    out.limits.body = 8U << 20U;
    return out;
  }

  HttpRequest request(const std::string& method, const std::string& path) const {
    return HttpRequest(method, "http://127.0.0.1:" + std::to_string(server.port()) + path);
  }

  /// What `request` throws, as "KIND what".
  Task<std::string> failure(HttpRequest request) {
    try {
      const HttpReply reply = co_await client.send(request, cancel);
      co_return "no failure but " + std::to_string(reply.status);
    } catch (const Failure& failure) {
      co_return std::string(name(failure.kind())) + " " + failure.what();
    }
  }

  Cancel cancel;
  HttpServer server;
  HttpClient client;
};

TEST(HttpClient, SendsMethodHeadersAndBodyAndGivesTheAnswer) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    HttpRequest request = bench.request("POST", "/a");
    request.headers = {"X-Key: k", "Content-Type: application/json"};
    request.body = std::string("b\0dy", 4);
    const HttpReply reply = co_await bench.client.send(request, bench.cancel);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, std::string("POST /a k |b\0dy", 15));
    EXPECT_EQ(reply.header("content-type"), "application/json");
    const HttpRequest get = bench.request("GET", "/b");
    const HttpReply got = co_await bench.client.send(get, bench.cancel);
    EXPECT_EQ(got.body, "GET /b  |");
    co_await bench.server.stop();
  }());
}

TEST(HttpClient, SendsALargeBodyAtOnce) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    HttpRequest request = bench.request("POST", "/a");
    request.body = std::string(5'000'000, 'b');
    const HttpReply reply = co_await bench.client.send(request, bench.cancel);
    EXPECT_TRUE(reply.body == "POST /a  |" + request.body);
    co_await bench.server.stop();
  }());
}

TEST(HttpClient, GivesAnswersOfAnyStatusAndFollowsNoRedirect) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const HttpReply missing =
        co_await bench.client.send(bench.request("GET", "/missing"), bench.cancel);
    const HttpReply moved =
        co_await bench.client.send(bench.request("GET", "/moved"), bench.cancel);
    const HttpReply later =
        co_await bench.client.send(bench.request("GET", "/later"), bench.cancel);
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(moved.status, 302);
    EXPECT_EQ(later.status, 503);
    EXPECT_EQ(later.retry_after(), Millis(1500));
    EXPECT_EQ(later.header("x-thing"), "yes");
    EXPECT_EQ(moved.retry_after(), std::nullopt);
    co_await bench.server.stop();
  }());
}

TEST(HttpClient, ThrowsWhenNoWholeAnswerComes) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    for (const char* path : {"/reset", "/truncated", "/garbage"}) {
      const std::string what = co_await bench.failure(bench.request("POST", path));
      EXPECT_THAT(what, HasSubstr("transient http://127.0.0.1:")) << path;
    }
    const HttpReply fine = co_await bench.client.send(bench.request("GET", "/a"), bench.cancel);
    EXPECT_EQ(fine.status, 200);
    co_await bench.server.stop();
  }());
}

TEST(HttpClient, ThrowsWhenNobodyListens) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const std::string origin = "http://127.0.0.1:" + std::to_string(test::free_port());
    const HttpRequest request("GET", origin + "/path?key=s3cret");
    const std::string what = co_await bench.failure(request);
    EXPECT_THAT(what, HasSubstr("unreachable " + origin + ": "));
    EXPECT_THAT(what, testing::Not(HasSubstr("s3cret")));
    co_await bench.server.stop();
  }());
}

TEST(HttpClient, ThrowsWhenTheAnswerTakesTooLong) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    HttpRequest request = bench.request("GET", "/hang");
    request.timeout = Millis(100);
    const auto from = Monotonic::now();
    const std::string what = co_await bench.failure(request);
    EXPECT_THAT(what, HasSubstr("transient "));
    EXPECT_GE(Monotonic::now() - from, Millis(90));
    EXPECT_LT(Monotonic::now() - from, Seconds(5));
    co_await bench.server.stop();
  }());
}

TEST(HttpClient, RefusesAnAnswerAboveItsLimit) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    HttpRequest request = bench.request("GET", "/large");
    request.reply_limit = 1'000'000;
    const std::string what = co_await bench.failure(request);
    EXPECT_THAT(what, HasSubstr("bad_answer "));
    EXPECT_THAT(what, HasSubstr("larger than 1000000 bytes"));
    request.reply_limit = 3'000'000;
    const HttpReply reply = co_await bench.client.send(request, bench.cancel);
    EXPECT_EQ(reply.body.size(), 3'000'000U);
    co_await bench.server.stop();
  }());
}

TEST(HttpClient, RefusesImpossibleUrlsAndHeaders) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    for (const char* url :
         {"", "http://", "http://a b/", "ftp://127.0.0.1/", "file:///etc/passwd"}) {
      const HttpRequest request("GET", url);
      const std::string what = co_await bench.failure(request);
      EXPECT_THAT(what, HasSubstr("outage ")) << url;
    }
    for (const std::string& value :
         {std::string("a\r\nX-Other: b"), std::string("a\nb"), std::string("a\0b", 3)}) {
      HttpRequest request = bench.request("GET", "/a");
      request.headers = {"X-Key: " + value};
      const std::string what = co_await bench.failure(request);
      EXPECT_THAT(what, HasSubstr("rejected ")) << value;
      EXPECT_THAT(what, HasSubstr("X-Key")) << value;
    }
    co_await bench.server.stop();
  }());
}

Task<> fail_into(Bench& bench, HttpRequest request, std::string& into) {
  into = co_await bench.failure(request);
}

TEST(HttpClient, EndsItsRequestsWhenCancelled) {
  run_on_loop([]() -> Task<> {
    Bench bench(4);
    std::vector<std::string> failures(12);  // four on the wire, eight in line
    Scope scope;
    for (std::string& failure : failures)
      scope.spawn(fail_into(bench, bench.request("GET", "/hang"), failure));
    Cancel never;
    co_await Sleep(Millis(50), never);
    bench.cancel.request(Failure(Kind::stopping, "enough"));
    co_await scope.join();
    for (const std::string& failure : failures) EXPECT_EQ(failure, "stopping enough");
    co_await bench.server.stop();
  }());
}

Task<> get_into(Bench& bench, std::string path, std::string& into) {
  const HttpRequest request = bench.request("GET", path);
  const HttpReply reply = co_await bench.client.send(request, bench.cancel);
  into = reply.body;
}

TEST(HttpClient, SendsManyAtOnceAndMixesNothingUp) {
  run_on_loop([]() -> Task<> {
    Bench bench(32);
    std::vector<std::string> bodies(1000);
    Scope scope;
    for (std::size_t i = 0; i < bodies.size(); ++i)
      scope.spawn(get_into(bench, "/" + std::to_string(i), bodies[i]));
    co_await scope.join();
    for (std::size_t i = 0; i < bodies.size(); ++i)
      EXPECT_EQ(bodies[i], "GET /" + std::to_string(i) + "  |");
    co_await bench.server.stop();
  }());
}

// A server that reads a request on a kept connection and closes it without an answer: curl takes
// that for a connection that had died before, and would send the request again by itself.
TEST(HttpClient, SendsARequestOnceAlsoWhenAKeptConnectionEnds) {
  run_on_loop([]() -> Task<> {
    std::vector<std::string> seen;
    const HttpHandler handler = [&seen](HttpExchange& exchange) {
      seen.push_back(exchange.query.path + " " + exchange.query.body);
      return exchange.query.path == "/closed" ? exchange.send_raw("") : answer(exchange);
    };
    HttpServer server("127.0.0.1", 0, handler, Bench::settings());
    HttpClient client(1);
    Cancel cancel;
    const std::string origin = "http://127.0.0.1:" + std::to_string(server.port());
    for (const char* path : {"/closed", "/reset"}) {
      HttpRequest first("POST", origin + "/a");
      first.body = "first";
      co_await client.send(first, cancel);  // the connection is kept
      HttpRequest second("POST", origin + path);
      second.body = "second";
      std::optional<Failure> failure;
      try {
        co_await client.send(second, cancel);
      } catch (const Failure& thrown) {
        failure = thrown;
      }
      EXPECT_TRUE(failure.has_value() && failure->kind() == Kind::transient) << path;
      EXPECT_THAT(seen, testing::ElementsAre("/a first", std::string(path) + " second")) << path;
      seen.clear();
    }
    co_await server.stop();
  }());
}

TEST(HttpClient, MayBeDestroyedAfterAFailure) {
  for (const char* path : {"/reset", "/truncated", "/a"}) {
    const auto once = [](std::string its_path) -> Task<> {
      Bench bench;
      const std::string what = co_await bench.failure(bench.request("GET", its_path));
      EXPECT_NE(what, "");
      co_await bench.server.stop();
    };
    run_on_loop(once(path));
  }
}

}  // namespace
}  // namespace ryumem
