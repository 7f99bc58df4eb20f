// Whom the client trusts, and HTTP/2, held against a server that is not ours: nghttpd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/async/scope.h"
#include "tests/common/net/http_failure.h"
#include "tests/support/certificates.h"
#include "tests/support/h2_server.h"
#include "tests/support/run_on_loop.h"
#include "tests/support/temp_dir.h"

namespace ryumem {
namespace {

using test::failure_of;
using test::H2Server;
using test::run_on_loop;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const test::Certificates& certificates() {
  static const test::Certificates made;
  return made;
}

HttpRequest echo(const std::string& url, std::string body = "hello") {
  HttpRequest request("POST", url);
  request.body = std::move(body);
  return request;
}

TEST(HttpTls, TrustsTheAuthoritiesOfItsFile) {
  H2Server server(certificates());
  run_on_loop([](H2Server& at) -> Task<> {
    HttpClient client(1, certificates().authority());
    Cancel cancel;
    for (const char* host : {"127.0.0.1", "localhost"}) {
      const HttpReply reply = co_await client.send(echo(at.url(host)), cancel);
      EXPECT_EQ(reply.status, 200);
      EXPECT_EQ(reply.body, "hello");
    }
  }(server));
}

TEST(HttpTls, TrustsNobodyElse) {
  H2Server server(certificates());
  run_on_loop([](H2Server& at) -> Task<> {
    const test::Certificates others;
    HttpClient of_the_system(1);
    HttpClient of_another(1, others.authority());
    for (HttpClient* client : {&of_the_system, &of_another}) {
      const std::string what = co_await failure_of(*client, echo(at.url()));
      EXPECT_THAT(what, AllOf(HasSubstr("outage https://127.0.0.1:"), HasSubstr("certificate"),
                              HasSubstr("--ca-file")));
    }
  }(server));
}

// A file of one's own is instead of the system's: what Debian trusts is then not trusted.
TEST(HttpTls, TrustsTheSystemsAuthoritiesNoMoreWithAFileOfItsOwn) {
  const std::string system = test::read_file("/etc/ssl/certs/ca-certificates.crt");
  if (system.empty()) GTEST_SKIP() << "no ca-certificates";
  H2Server server(certificates());
  run_on_loop([](H2Server& at, const std::string& bundle) -> Task<> {
    test::TempDir folder;
    const std::string both =
        folder.write("both.pem", bundle + test::read_file(certificates().authority()));
    const std::string only = folder.write("system.pem", bundle);
    HttpClient with_both(1, both);
    Cancel cancel;
    const HttpReply reply = co_await with_both.send(echo(at.url()), cancel);
    EXPECT_EQ(reply.status, 200);
    HttpClient with_system(1, only);
    const std::string what = co_await failure_of(with_system, echo(at.url()));
    EXPECT_THAT(what, HasSubstr("outage "));
  }(server, system));
}

TEST(HttpTls, RefusesACertificateForAnotherHost) {
  H2Server server(certificates());
  run_on_loop([](H2Server& at) -> Task<> {
    HttpClient client(1, certificates().authority());
    const std::string what = co_await failure_of(client, echo(at.url("127.0.0.2")));
    EXPECT_THAT(what, AllOf(HasSubstr("outage https://127.0.0.2:"), HasSubstr("no alternative"),
                            Not(HasSubstr("--ca-file"))));
  }(server));
}

TEST(HttpTls, NamesAFileOfAuthoritiesThatIsNone) {
  H2Server server(certificates());
  run_on_loop([](H2Server& at) -> Task<> {
    HttpClient client(1, "/nowhere/ca.pem");
    const std::string what = co_await failure_of(client, echo(at.url()));
    EXPECT_THAT(what, AllOf(HasSubstr("outage "), HasSubstr("/nowhere/ca.pem")));
  }(server));
}

Task<> echo_into(HttpClient& client, std::string url, std::string body, std::string& into) {
  Cancel cancel;
  const HttpReply reply = co_await client.send(echo(url, std::move(body)), cancel);
  into = reply.body;
}

TEST(HttpTls, SharesOneConnectionAmongManyRequestsAlsoTheFirst) {
  H2Server server(certificates());
  run_on_loop([](H2Server& at) -> Task<> {
    HttpClient client(64, certificates().authority());
    std::vector<std::string> answers(64);
    const std::string filling(50'000, 'x');
    for (int round = 0; round < 2; ++round) {
      Scope scope;
      for (std::size_t i = 0; i < answers.size(); ++i)
        scope.spawn(echo_into(client, at.url(), std::to_string(i) + filling, answers[i]));
      co_await scope.join();
      for (std::size_t i = 0; i < answers.size(); ++i)
        EXPECT_TRUE(answers[i] == std::to_string(i) + filling) << i;
    }
    EXPECT_EQ(at.connections(), 1u);
  }(server));
}

}  // namespace
}  // namespace ryumem
