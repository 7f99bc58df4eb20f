#include "common/net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <vector>

#include "common/async/timer.h"
#include "tests/support/eventually.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::eventually;
using test::run_on_loop;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

HttpServer::Settings settings(std::size_t connections, Millis patience) {
  HttpServer::Settings out;
  out.connections = connections;
  out.patience = patience;
  return out;
}

int waiting = 0;  // handlers of /wait that have begun

// Answers according to the path.
Task<> answer(HttpExchange& exchange) {
  const std::string path = exchange.query.path;
  if (path == "/throw") throw std::runtime_error("a bug");
  if (path == "/fail") throw Failure(Kind::transient, "no answer");
  if (path == "/reset") {
    exchange.reset();
    co_return;
  }
  if (path == "/raw") {
    co_await exchange.send_raw("no HTTP at all");
    co_return;
  }
  if (path == "/wait") {
    ++waiting;
    co_await Sleep(Seconds(600), exchange.cancel());
  }
  const std::string body = path == "/large" ? std::string(100'000'000, 'x') : path;
  co_await exchange.respond(HttpAnswer(200, body));
}

// A server on the loop and raw connections to it.
class Bench {
 public:
  explicit Bench(HttpServer::Settings with = settings(256, Seconds(15)))
      : server("127.0.0.1", 0, answer, with) {}

  Task<Stream> connect() {
    Stream stream = co_await Stream::connect_tcp("127.0.0.1", server.port(), never);
    co_return stream;
  }

  /// Writes `bytes` on a new connection and gives all that comes until it ends. A reset is shown.
  Task<std::string> exchange(std::string bytes) {
    Stream stream = co_await connect();
    co_await stream.write(std::move(bytes), never);
    co_return co_await rest(stream);
  }

  Task<std::string> rest(Stream& stream) {
    std::string all;
    try {
      for (;;) {
        const std::string bytes = co_await stream.read(never);
        if (bytes.empty()) co_return all;
        all += bytes;
      }
    } catch (const Failure& failure) {
      all += std::string("[") + failure.what() + "]";
    }
    co_return all;
  }

  /// One request on a connection that stays open; the answer's body must be its path.
  Task<> expect_path(Stream& stream, std::string path) {
    co_await stream.write("GET " + path + " HTTP/1.1\r\n\r\n", never);
    std::string got;
    while (got.size() < path.size() || got.substr(got.size() - path.size()) != path) {
      const std::string bytes = co_await stream.read(never);
      EXPECT_NE(bytes, "") << "ended after " << got;
      if (bytes.empty()) co_return;
      got += bytes;
    }
    EXPECT_THAT(got, HasSubstr("Connection: keep-alive"));
  }

  Cancel never;
  HttpServer server;
};

const std::string kClosing = "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n";

TEST(HttpServer, AnswersAndClosesWhenTheClientWantsIt) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const std::string reply = co_await bench.exchange(kClosing);
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(reply, EndsWith("\r\n\r\n/x"));
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, KeepsAConnectionForManyRequests) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    Stream stream = co_await bench.connect();
    for (int i = 0; i < 100; ++i) co_await bench.expect_path(stream, "/" + std::to_string(i));
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const std::string reply =
        co_await bench.exchange("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n" + kClosing);
    const std::size_t first = reply.find("/1HTTP/1.1 200");
    const std::size_t second = reply.find("/2HTTP/1.1 200");
    EXPECT_NE(first, std::string::npos) << reply;
    EXPECT_NE(second, std::string::npos) << reply;
    EXPECT_LT(first, second);
    EXPECT_THAT(reply, EndsWith("/x"));
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, RefusesWhatIsNoRequestAndSaysWhy) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const std::string reply = co_await bench.exchange("hello\r\n\r\n");
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_THAT(reply, HasSubstr("request line"));
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, EndsTheConnectionWhenItsHandlerFails) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    for (const char* path : {"/fail", "/throw"}) {
      const std::string reply =
          co_await bench.exchange("GET " + std::string(path) + " HTTP/1.1\r\n\r\n");
      EXPECT_EQ(reply, "") << path;
    }
    const std::string alive = co_await bench.exchange(kClosing);
    EXPECT_THAT(alive, EndsWith("/x"));
    co_await bench.server.stop();  // throws nothing of all that
  }());
}

TEST(HttpServer, LetsAHandlerResetOrSendAnything) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    const std::string reset = co_await bench.exchange("GET /reset HTTP/1.1\r\n\r\n");
    EXPECT_THAT(reset, HasSubstr("connection reset by peer"));
    const std::string raw = co_await bench.exchange("GET /raw HTTP/1.1\r\n\r\n");
    EXPECT_EQ(raw, "no HTTP at all");
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, ClosesAClientThatTricklesAfterItsPatience) {
  run_on_loop([]() -> Task<> {
    Bench bench(settings(256, Millis(150)));
    Stream stream = co_await bench.connect();
    const auto from = Monotonic::now();
    std::string ended;
    // A byte each 10 ms would never be idle for long; the patience counts from the first.
    const auto trickle = [](Stream& into, Cancel& cancel) -> Task<> {
      Cancel never;
      try {
        co_await into.write("GET /", cancel);
        for (;;) {
          co_await Sleep(Millis(10), never);
          co_await into.write("x", cancel);
        }
      } catch (const Failure&) {
      }
    };
    Cancel stop;
    Scope scope;
    scope.spawn(trickle(stream, stop));
    ended = co_await bench.rest(stream);
    EXPECT_GE(Monotonic::now() - from, Millis(140));
    stop.request(Failure(Kind::stopping, "done"));
    co_await scope.join();
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, ClosesAnIdleConnectionAfterItsPatience) {
  run_on_loop([]() -> Task<> {
    Bench bench(settings(256, Millis(100)));
    Stream stream = co_await bench.connect();
    co_await bench.expect_path(stream, "/x");
    const std::string rest = co_await bench.rest(stream);
    EXPECT_EQ(rest, "");
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, ClosesAClientThatDoesNotReadItsAnswer) {
  run_on_loop([]() -> Task<> {
    Bench bench(settings(1, Millis(100)));
    Stream stuck = co_await bench.connect();
    co_await stuck.write("GET /large HTTP/1.1\r\n\r\n", bench.never);
    // The only place is free again when the server has given up on the client.
    std::string reply;
    const auto until = Monotonic::now() + Seconds(10);
    while (reply.empty() && Monotonic::now() < until) {
      try {
        reply = co_await bench.exchange(kClosing);
      } catch (const Failure&) {
        reply.clear();
      }
      if (!reply.empty() && reply[0] == '[') reply.clear();
      co_await Sleep(Millis(10), bench.never);
    }
    EXPECT_THAT(reply, EndsWith("/x"));
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, ClosesConnectionsAboveItsLimitAndTakesNewOnesAfterwards) {
  run_on_loop([]() -> Task<> {
    constexpr std::size_t kMost = 256;
    Bench bench;
    std::vector<Stream> streams;
    for (std::size_t i = 0; i < kMost; ++i) {
      Stream stream = co_await bench.connect();
      streams.push_back(std::move(stream));
    }
    co_await bench.expect_path(streams.back(), "/last");
    Stream refused = co_await bench.connect();
    const std::string nothing = co_await bench.rest(refused);
    EXPECT_EQ(nothing, "");
    co_await bench.expect_path(streams.front(), "/first");

    streams.pop_back();
    std::string reply;
    const auto until = Monotonic::now() + Seconds(10);
    while (reply.find("/x") == std::string::npos && Monotonic::now() < until) {
      try {
        reply = co_await bench.exchange(kClosing);
      } catch (const Failure&) {
        reply.clear();
      }
    }
    EXPECT_THAT(reply, EndsWith("/x"));
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, ClosesWhoHasWaitedLongestForOneWhoComesWhenToldTo) {
  run_on_loop([]() -> Task<> {
    HttpServer::Settings with = settings(4, Seconds(60));
    with.idle_give_way = true;
    Bench bench(with);
    std::vector<Stream> streams;
    for (int i = 0; i < 4; ++i) {
      Stream stream = co_await bench.connect();
      streams.push_back(std::move(stream));
      co_await bench.expect_path(streams.back(), "/" + std::to_string(i));
    }
    co_await bench.expect_path(streams[0], "/again");  // now it is the second that did nothing
    for (int i = 0; i < 3; ++i) {
      const std::string reply = co_await bench.exchange(kClosing);
      EXPECT_THAT(reply, EndsWith("/x"));
    }
    co_await bench.expect_path(streams[0], "/and-again");
    const std::string nothing = co_await bench.rest(streams[1]);
    EXPECT_EQ(nothing, "");
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, KeepsThoseWhoAreBeingAnsweredWhenAnotherComes) {
  run_on_loop([]() -> Task<> {
    HttpServer::Settings with = settings(2, Seconds(60));
    with.idle_give_way = true;
    Bench bench(with);
    std::vector<Stream> streams;
    for (int i = 0; i < 2; ++i) {
      Stream stream = co_await bench.connect();
      co_await stream.write("GET /wait HTTP/1.1\r\n\r\n", bench.never);
      streams.push_back(std::move(stream));
    }
    const std::function<bool()> all_at_work = [&] { return waiting == 2; };
    co_await eventually("both are being answered", Seconds(15), all_at_work);
    Stream refused = co_await bench.connect();
    const std::string nothing = co_await bench.rest(refused);
    EXPECT_EQ(nothing, "");
    EXPECT_EQ(waiting, 2);
    waiting = 0;
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, StopsWithClientsConnectedAndHandlersAtWork) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    Stream idle = co_await bench.connect();
    co_await bench.expect_path(idle, "/x");
    Stream half = co_await bench.connect();
    co_await half.write("GET /ha", bench.never);
    Stream waiting = co_await bench.connect();
    co_await waiting.write("GET /wait HTTP/1.1\r\n\r\n", bench.never);
    Stream large = co_await bench.connect();
    co_await large.write("GET /large HTTP/1.1\r\n\r\n", bench.never);
    const std::string first = co_await large.read(bench.never);
    EXPECT_THAT(first, StartsWith("HTTP/1.1 200"));
    Stream fresh = co_await bench.connect();

    co_await bench.server.stop();
    const std::string of_idle = co_await bench.rest(idle);
    const std::string of_half = co_await bench.rest(half);
    const std::string of_waiting = co_await bench.rest(waiting);
    EXPECT_EQ(of_idle, "");
    EXPECT_THAT(of_half, testing::Not(HasSubstr("HTTP/1.1")));
    EXPECT_EQ(of_waiting, "");
  }());
}

TEST(HttpServer, StopsWhenNobodyIsThere) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    co_await bench.server.stop();
  }());
}

TEST(HttpServer, RefusesAnAddressThatIsTaken) {
  run_on_loop([]() -> Task<> {
    Bench bench;
    EXPECT_THROW(HttpServer("127.0.0.1", bench.server.port(), answer, settings(1, Seconds(1))),
                 Failure);
    co_await bench.server.stop();
  }());
}

}  // namespace
}  // namespace ryumem
