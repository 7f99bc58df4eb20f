// Proxies, named by the usual variables. The names ending in .test exist for the proxy only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "common/net/http_server.h"
#include "tests/common/net/http_failure.h"
#include "tests/common/net/small_proxy.h"
#include "tests/support/certificates.h"
#include "tests/support/h2_server.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::failure_of;
using test::run_on_loop;
using test::SmallProxy;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A variable of this process, until the end of the block.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

Task<> say_hello(HttpExchange& exchange) {
  HttpAnswer answer(200, "hello at " + exchange.query.path);
  co_await exchange.respond(std::move(answer));
}

// Speaks HTTP; its name is "models.test".
class Model {
 public:
  Model() : server("127.0.0.1", 0, say_hello, HttpServer::Settings()) {}
  std::string url(const std::string& host = "models.test") const {
    return "http://" + host + ":" + std::to_string(server.port()) + "/chat";
  }
  HttpServer server;
};

TEST(HttpProxy, IsAskedForWhatIsElsewhere) {
  run_on_loop([]() -> Task<> {
    Model model;
    SmallProxy proxy;
    const Variable variable("http_proxy", proxy.url());
    {
      HttpClient client(1);
      Cancel cancel;
      const HttpRequest request("GET", model.url());
      const HttpReply reply = co_await client.send(request, cancel);
      EXPECT_EQ(reply.body, "hello at /chat");
    }
    EXPECT_THAT(proxy.asked(), ElementsAre("GET " + model.url() + " HTTP/1.1"));
    co_await proxy.stop();
    co_await model.server.stop();
  }());
}

TEST(HttpProxy, IsNotAskedForThisHostNorForWhatNoProxyNames) {
  run_on_loop([]() -> Task<> {
    Model model;
    SmallProxy proxy;
    const Variable variable("http_proxy", proxy.url());
    const Variable exception("no_proxy", "elsewhere.test,.models.test,models.test");
    HttpClient client(1);
    Cancel cancel;
    for (const char* host : {"127.0.0.1", "localhost"}) {
      const HttpRequest request("GET", model.url(host));
      const HttpReply reply = co_await client.send(request, cancel);
      EXPECT_EQ(reply.body, "hello at /chat");
    }
    const std::string what = co_await failure_of(client, HttpRequest("GET", model.url()));
    EXPECT_THAT(what, HasSubstr("unreachable http://models.test:"));
    EXPECT_THAT(proxy.asked(), IsEmpty());
    co_await proxy.stop();
    co_await model.server.stop();
  }());
}

TEST(HttpProxy, CarriesTlsInATunnelAndTheModelIsStillVerified) {
  const test::Certificates certificates;
  const test::H2Server server(certificates);
  run_on_loop([](const std::string& at, const std::string& authority) -> Task<> {
    SmallProxy proxy;
    std::string address = proxy.url();
    const Variable variable("https_proxy", address.insert(7, "user:pass@"));
    {
      HttpClient client(1, authority);
      Cancel cancel;
      HttpRequest request("POST", "https://models.test:" + at + "/");
      request.body = "hello";
      const HttpReply reply = co_await client.send(request, cancel);
      EXPECT_EQ(reply.body, "hello");
      EXPECT_EQ(reply.header("retry-after"), "");  // what the proxy said is not the model's word
      HttpRequest other("POST", "https://other.test:" + at + "/");
      const std::string what = co_await failure_of(client, other);
      EXPECT_THAT(what,
                  AllOf(HasSubstr("outage https://other.test:"), HasSubstr("no alternative")));
    }
    EXPECT_THAT(proxy.asked(),
                ElementsAre("CONNECT models.test:" + at + " HTTP/1.1 Basic dXNlcjpwYXNz",
                            "CONNECT other.test:" + at + " HTTP/1.1 Basic dXNlcjpwYXNz"));
    co_await proxy.stop();
  }(std::to_string(server.port()), certificates.authority()));
}

struct Refusal {
  const char* answer;
  const char* kind;
  const char* said;
};

TEST(HttpProxy, RefusesAndIsNotTakenForTheModel) {
  run_on_loop([]() -> Task<> {
    const std::vector<Refusal> refusals = {
        {"407 Proxy Authentication Required", "outage ", "the proxy wants a user"},
        {"403 Forbidden", "outage ", "403"},
        {"502 Bad Gateway", "unreachable ", "502"},
    };
    for (const Refusal& refusal : refusals) {
      SmallProxy proxy("HTTP/1.1 " + std::string(refusal.answer) + "\r\nContent-Length: 0\r\n\r\n");
      const Variable variable("https_proxy", proxy.url());
      HttpClient client(1);
      const HttpRequest request("POST", "https://models.test/");
      const std::string what = co_await failure_of(client, request);
      EXPECT_THAT(what, AllOf(HasSubstr(refusal.kind), HasSubstr("https://models.test"),
                              HasSubstr(refusal.said)));
      co_await proxy.stop();
    }
    SmallProxy proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    const Variable variable("http_proxy", proxy.url());
    HttpClient client(1);
    const HttpRequest request("POST", "http://models.test/");
    const std::string what = co_await failure_of(client, request);
    EXPECT_THAT(what, HasSubstr("outage http://models.test: the proxy wants a user"));
    co_await proxy.stop();
  }());
}

TEST(HttpProxy, ThatIsNotThereIsNamedWithoutItsPassword) {
  run_on_loop([]() -> Task<> {
    const std::string port = std::to_string(test::free_port());
    const Variable variable("https_proxy", "http://user:s3cret@127.0.0.1:" + port);
    HttpClient client(1);
    const HttpRequest request("POST", "https://models.test/");
    const std::string what = co_await failure_of(client, request);
    EXPECT_THAT(what, AllOf(HasSubstr("unreachable https://models.test"), HasSubstr(port),
                            Not(HasSubstr("s3cret"))));
  }());
}

}  // namespace
}  // namespace ryumem
