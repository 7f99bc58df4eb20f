// The supervisor's HTTP as those see it who look in from outside: while its workers stand still,
// and in bad company.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/json.h"
#include "common/ops/options.h"
#include "tests/common/ops/exposition.h"
#include "tests/supervisor/host.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::Host;
using test::http_get;
using test::kPatience;
using test::wait_until;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPaths[] = {
    "/", "/metrics", "/livez", "/status.json", "/readyz", "/internal/queue/stats"};

// A connection without any manners.
class Rude {
 public:
  explicit Rude(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
  }
  Rude(Rude&& other) noexcept : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  Rude& operator=(Rude&&) = delete;
  ~Rude() {
    if (fd_ >= 0) close(fd_);
  }

  bool connected() const { return connected_; }
  bool write(const std::string& bytes) {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// All that comes until the end of the connection.
  std::string read() {
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = recv(fd_, buffer, sizeof(buffer), 0)) > 0;)
      all.append(buffer, static_cast<std::size_t>(n));
    return all;
  }

 private:
  int fd_;
  bool connected_ = false;
};

class Windows : public test::WorkerTest {};

TEST_F(Windows, AreOpenWhileAllWorkersStandStill) {
  Host host(redis, sandbox, {"RYUMEM_WORKER_HEARTBEAT_LIMIT_SECONDS=600"});
  ASSERT_TRUE(host.ready()) << host.process().err();
  sandbox.inject(R"({"path":"/api/chat","hang":true})");
  put("a");
  ASSERT_TRUE(calls_come("/api/chat", 1)) << host.process().err();
  host.signal_workers(SIGSTOP);
  put("b");
  for (const char* path : kPaths) EXPECT_EQ(http_get(host.port(), path).status, 200) << path;
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return http_get(host.port(), "/internal/queue/stats").body == R"({"pending":1,"processing":1})";
  })) << "the queue is measured meanwhile";
  const std::string json = http_get(host.port(), "/status.json").body;
  const JsonDocument status = JsonDocument::parse(json);
  const JsonValue worker = status.root()["workers"].items()[0];
  EXPECT_EQ(worker["jobs"].items()[0]["id"].string(), "a");
  EXPECT_EQ(worker["jobs"].items()[0]["step"].string(), "extract_entities");
  EXPECT_EQ(worker["steps"]["extract_entities"].integer(), 1);
  EXPECT_EQ(host.metrics().at("ryumem_jobs_in_step{step=\"extract_entities\"}"), 1);
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return host.metrics().at("ryumem_worker_heartbeat_age_seconds") > 1.5;
  })) << "and one sees that they do";
  host.signal_workers(SIGCONT);
  sandbox.heal();
  EXPECT_TRUE(becomes("a", "completed")) << host.process().err();
}

TEST_F(Windows, ShowWhichJobsDiedLastAndWhy) {
  Host host(redis, sandbox);
  ASSERT_TRUE(host.ready()) << host.process().err();
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "without-a-body"});
  std::string json;
  EXPECT_TRUE(wait_until(kPatience, [&] {
    json = http_get(host.port(), "/status.json?history=0").body;
    return json.find("without-a-body") != std::string::npos;
  })) << json;
  const JsonDocument status = JsonDocument::parse(json);
  const JsonValue dead = status.root()["dead"].items()[0];
  EXPECT_EQ(dead["kind"].string(), "gone");
  EXPECT_THAT(std::string(dead["cause"].string().value_or("")), HasSubstr("no body"));
}

TEST_F(Windows, AnswerAScraperWhateverOthersDo) {
  Host host(redis, sandbox);
  ASSERT_TRUE(host.ready()) << host.process().err();
  const auto still_fine = [&](const char* after) {
    const test::HttpReplyText reply = http_get(host.port(), "/metrics");
    EXPECT_EQ(reply.status, 200) << after;
    EXPECT_TRUE(test::read_exposition(reply.body).faults.empty()) << after;
  };
  for (const char* garbage :
       {"\x16\x03\x01\x02\x01\x01", "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET http://x/ HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n"}) {
    Rude rude(host.port());
    EXPECT_TRUE(rude.write(garbage));
    still_fine(garbage);
  }
  {
    Rude rude(host.port());
    EXPECT_TRUE(rude.write("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"));
    EXPECT_THAT(rude.read(), StartsWith("HTTP/1.1 400 "));
  }
  {
    Rude rude(host.port());
    const std::string line = "X-Long: " + std::string(8'000, 'x') + "\r\n";
    rude.write("GET / HTTP/1.1\r\n");
    int sent = 0;
    while (sent < 1'000 && rude.write(line)) ++sent;
    EXPECT_LT(sent, 1'000) << "a head without an end is not read for ever";
    still_fine("a huge head");
  }
}

TEST_F(Windows, HaveRoomForAScraperWhenManySitThereAndSayNothing) {
  Host host(redis, sandbox);
  ASSERT_TRUE(host.ready()) << host.process().err();
  std::vector<Rude> crowd;
  for (int i = 0; i < 600; ++i) {
    crowd.emplace_back(host.port());
    EXPECT_TRUE(crowd.back().connected());
    if (i % 2 == 0) crowd.back().write("GET /metrics HTTP/1.1\r\nHost:");
    if (i % 3 == 0) crowd.back().write("GET /status.json HTTP/1.1\r\n\r\n");
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(http_get(host.port(), "/metrics").status, 200);
  const auto open = [&] {
    const std::string folder = "/proc/" + std::to_string(host.process().pid()) + "/fd";
    const std::filesystem::directory_iterator all(folder);
    return std::distance(begin(all), end(all));
  };
  EXPECT_TRUE(wait_until(kPatience, [&] { return open() < 330; })) << open();
}

TEST_F(Windows, AnswerManyScrapesAtOnceAndEachIsWhole) {
  Host host(redis, sandbox);
  ASSERT_TRUE(host.ready()) << host.process().err();
  std::vector<std::thread> scrapers;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i)
    scrapers.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        const test::HttpReplyText reply = http_get(host.port(), "/metrics");
        good += reply.status == 200 && test::read_exposition(reply.body).faults.empty();
      }
    });
  for (std::thread& scraper : scrapers) scraper.join();
  EXPECT_EQ(good, 80);
}

TEST(WindowsByDefault, AreOpenToThisMachineOnly) {
  std::string fallback;
  for (const Option& option : option_table())
    if (option.flag() == "--listen") fallback = option.fallback;
  EXPECT_THAT(fallback, StartsWith("127.0.0.1:"));
}

}  // namespace
}  // namespace ryumem
