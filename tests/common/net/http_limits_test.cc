// What a peer may cost us: memory and time, each with a limit of its own.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <mutex>

#include "common/net/http_server.h"
#include "tests/common/net/http_failure.h"
#include "tests/support/child_process.h"
#include "tests/support/run_on_loop.h"

namespace {

// A name server that does not answer: whoever looks for slow.test waits until somebody lets go.
std::mutex mutex;
std::condition_variable let_go;
bool stuck = false;

}  // namespace

// In place of the C library's, for curl as well.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  if (node != nullptr && std::strcmp(node, "slow.test") == 0) {
    std::unique_lock lock(mutex);
    let_go.wait(lock, [] { return !stuck; });
    return EAI_AGAIN;
  }
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, found);
}

namespace ryumem {
namespace {

using test::failure_of;
using test::run_on_loop;
using testing::AllOf;
using testing::HasSubstr;

std::string output_of(const std::string& command) {
  test::ChildProcess process({"sh", "-c", command});
  EXPECT_EQ(process.wait(Seconds(60)), 0) << process.err();
  return process.out();
}

// A server that says `head` and `body` to everybody.
class Saying {
 public:
  Saying(std::string head, const std::string& body)
      : answer_("HTTP/1.1 200 OK\r\n" + head + "Content-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body),
        server(
            "127.0.0.1", 0, [this](HttpExchange& exchange) { return say(exchange); },
            HttpServer::Settings()) {}

  HttpRequest request() const {
    return HttpRequest("GET", "http://127.0.0.1:" + std::to_string(server.port()) + "/");
  }

 private:
  Task<> say(HttpExchange& exchange) {
    asked_for = exchange.query.header("accept-encoding");
    co_await exchange.send_raw(answer_);
  }
  std::string answer_;

 public:
  std::string asked_for;
  HttpServer server;
};

TEST(HttpLimits, AsksForCompressedAnswersAndReadsThem) {
  const std::string body = output_of("seq 1 10000 | gzip -c");
  const std::string meant = output_of("seq 1 10000");
  run_on_loop([](const std::string& compressed, const std::string& plain) -> Task<> {
    Saying saying("Content-Encoding: gzip\r\n", compressed);
    HttpClient client(1);
    Cancel cancel;
    const HttpReply reply = co_await client.send(saying.request(), cancel);
    EXPECT_TRUE(reply.body == plain);
    EXPECT_EQ(saying.asked_for, "gzip, deflate");
    co_await saying.server.stop();
  }(body, meant));
}

TEST(HttpLimits, EndAnAnswerThatUnpacksToTooMuchInBoundedMemory) {
  const std::string bomb = output_of("head -c 400000000 /dev/zero | gzip -1 -c");
  EXPECT_LT(bomb.size(), 4'000'000u);
  run_on_loop([](const std::string& compressed) -> Task<> {
    Saying saying("Content-Encoding: gzip\r\n", compressed);
    HttpClient client(1);
    HttpRequest request = saying.request();
    request.reply_limit = 5'000'000;
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    const std::string what = co_await failure_of(client, request);
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    EXPECT_THAT(what, AllOf(HasSubstr("bad_answer "), HasSubstr("larger than 5000000 bytes")));
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 150'000) << "kB";
    co_await saying.server.stop();
  }(bomb));
}

TEST(HttpLimits, NameAnAnswerThatCannotBeUnpacked) {
  run_on_loop([]() -> Task<> {
    Saying garbage("Content-Encoding: gzip\r\n", "this is not gzip");
    Saying unknown("Content-Encoding: rot13\r\n", "uryyb");
    HttpClient client(1);
    for (Saying* saying : {&garbage, &unknown}) {
      const std::string what = co_await failure_of(client, saying->request());
      EXPECT_THAT(what, HasSubstr("bad_answer http://127.0.0.1:"));
      co_await saying->server.stop();
    }
  }());
}

TEST(HttpLimits, EndAnAnswerOfNothingButHeaders) {
  run_on_loop([]() -> Task<> {
    std::string many;
    for (int i = 0; i < 5000; ++i) many += "X-Thing-" + std::to_string(i) + ": something\r\n";
    Saying saying(many, "");
    HttpClient client(1);
    const std::string what = co_await failure_of(client, saying.request());
    EXPECT_THAT(what, AllOf(HasSubstr("bad_answer "), HasSubstr("headers are larger")));
    co_await saying.server.stop();
  }());
}

TEST(HttpLimits, KeepNoHeadersOfAnAnswerBeforeTheAnswer) {
  run_on_loop([]() -> Task<> {
    Saying saying("", "x");
    const HttpHandler early = [](HttpExchange& exchange) {
      return exchange.send_raw(
          "HTTP/1.1 103 Early Hints\r\nRetry-After: 7\r\n\r\n"
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    };
    HttpServer server("127.0.0.1", 0, early, HttpServer::Settings());
    HttpClient client(1);
    Cancel cancel;
    const HttpRequest request("GET", "http://127.0.0.1:" + std::to_string(server.port()));
    const HttpReply reply = co_await client.send(request, cancel);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "ok");
    EXPECT_EQ(reply.header("retry-after"), "");
    co_await server.stop();
    co_await saying.server.stop();
  }());
}

TEST(HttpLimits, GiveUpOnANameThatIsNotFoundInTime) {
  stuck = true;
  run_on_loop([]() -> Task<> {
    HttpClient client(1);
    HttpRequest request("GET", "http://slow.test/");
    request.lookup_timeout = Millis(100);
    const auto from = Monotonic::now();
    const std::string what = co_await failure_of(client, request);
    EXPECT_EQ(what, "unreachable http://slow.test: its name was not found within 100 ms");
    EXPECT_GE(Monotonic::now() - from, Millis(90));
    EXPECT_LT(Monotonic::now() - from, request.connect_timeout);
    const std::lock_guard lock(mutex);
    stuck = false;
    let_go.notify_all();
  }());
}

// Listens, and is full: whoever connects hears nothing.
class Full {
 public:
  Full() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, any, length) != 0 || listen(listener_, 0) != 0 ||
        getsockname(listener_, any, &length) != 0)
      ADD_FAILURE() << std::strerror(errno);
    port = ntohs(address.sin_port);
    for (int& waiting : waiting_) {
      waiting = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      connect(waiting, any, length);
    }
  }
  ~Full() {
    close(listener_);
    for (const int waiting : waiting_) close(waiting);
  }
  int port = 0;

 private:
  int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int waiting_[4] = {};
};

TEST(HttpLimits, GiveUpOnAConnectionThatDoesNotComeAbout) {
  run_on_loop([]() -> Task<> {
    Full full;
    HttpClient client(1);
    HttpRequest request("GET", "http://127.0.0.1:" + std::to_string(full.port));
    request.connect_timeout = Millis(200);
    const auto from = Monotonic::now();
    const std::string what = co_await failure_of(client, request);
    EXPECT_THAT(what, HasSubstr("unreachable http://127.0.0.1:"));
    EXPECT_LT(Monotonic::now() - from, request.timeout);
  }());
}

TEST(HttpLimits, GiveUpOnATlsServerThatSaysNothing) {
  run_on_loop([]() -> Task<> {
    std::vector<std::unique_ptr<Stream>> kept;
    Listener silent("127.0.0.1", 0, [&kept](Stream stream) {
      kept.push_back(std::make_unique<Stream>(std::move(stream)));
    });
    HttpClient client(1);
    HttpRequest request("GET", "https://127.0.0.1:" + std::to_string(silent.port()));
    request.connect_timeout = Millis(200);
    const std::string what = co_await failure_of(client, request);
    EXPECT_THAT(what, HasSubstr("unreachable https://127.0.0.1:"));
  }());
}

}  // namespace
}  // namespace ryumem
