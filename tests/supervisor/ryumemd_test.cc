// ryumemd as an operator meets it: the program itself, with scripts in the place of its workers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>

#include "common/base/text.h"
#include "tests/common/ops/exposition.h"
#include "tests/supervisor/fake_worker.h"
#include "tests/supervisor/http_get.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"
#include "tests/support/redis_server.h"

namespace ryumem {
namespace {

using test::ChildProcess;
using test::FakeWorker;
using test::http_get;
using test::wait_until;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Millis kPatience{15'000};

using Words = std::vector<std::string>;

Words command(const Words& arguments) {
  Words out = {test::program("ryumemd")};
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

Words variables(const Words& more) {
  Words out = {"LLM_PROVIDER=ollama", "EMBEDDING_PROVIDER=ollama", "REDIS_URL=redis://127.0.0.1:1"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

// A running ryumemd on a free port.
class Daemon {
 public:
  explicit Daemon(const std::string& worker, const std::string& redis = "redis://127.0.0.1:1",
                  const Words& arguments = {})
      : process_(command(with(arguments)),
                 variables({"RYUMEM_WORKER_BINARY=" + worker, "REDIS_URL=" + redis,
                            "RYUMEM_WORKER_PORT_FILE=" + folder_.file("port")})) {
    if (!wait_until(kPatience, [&] { return port() != 0; }))
      throw std::runtime_error("ryumemd did not start: " + process_.err());
  }
  int port() const { return std::atoi(test::read_file(folder_.file("port")).c_str()); }
  ChildProcess& process() { return process_; }
  test::Exposition metrics() const {
    return test::read_exposition(http_get(port(), "/metrics").body);
  }

 private:
  static Words with(const Words& arguments) {
    Words out = {"--listen=127.0.0.1:0", "--workers=2"};
    out.insert(out.end(), arguments.begin(), arguments.end());
    return out;
  }
  test::TempDir folder_;
  ChildProcess process_;
};

int exit_of(const Words& arguments, const Words& environment, std::string* err = nullptr,
            std::string* out = nullptr) {
  ChildProcess process(command(arguments), environment);
  const int code = process.wait(kPatience).value_or(-1);
  if (err != nullptr) *err = process.err();
  if (out != nullptr) *out = process.out();
  return code;
}

TEST(Ryumemd, SaysWhatItIs) {
  std::string out;
  EXPECT_EQ(exit_of({"--version"}, {}, nullptr, &out), 0);
  EXPECT_THAT(out, testing::StartsWith("ryumemd "));
  EXPECT_THAT(out, HasSubstr("libuv "));
  EXPECT_EQ(exit_of({"--help"}, {}, nullptr, &out), 0);
  EXPECT_THAT(out, HasSubstr("--workers N"));
}

// Whatever it is linked with and is not the language's or the system's own.
TEST(Ryumemd, NamesTheVersionOfEachLibraryThatItIsLinkedWith) {
  const std::map<std::string, std::string> names = {
      {"libuv", "libuv"},    {"libhiredis", "hiredis"},
      {"libssl", "OpenSSL"}, {"libcrypto", "OpenSSL"},
      {"libcurl", "curl"},   {"libsimdjson", "simdjson"},
      {"libcjson", "cJSON"}, {"libspdlog", "spdlog"},
      {"libfmt", "fmt"},     {"libicuuc", "ICU"},
      {"libicudata", "ICU"}, {"libprometheus-cpp-core", "prometheus-cpp"}};
  const std::set<std::string> systems = {
      "libc",    "libm",     "libstdc++",       "libgcc_s",
      "libasan", "libubsan", "ld-linux-x86-64", "ld-linux-aarch64"};
  std::string version;
  ASSERT_EQ(exit_of({"--version"}, {}, nullptr, &version), 0);
  ChildProcess linked({"objdump", "-p", test::program("ryumemd")});
  ASSERT_EQ(linked.wait(kPatience), 0) << linked.err();
  int seen = 0;
  for (const std::string& line : split(linked.out(), '\n')) {
    if (line.find("NEEDED") == std::string::npos) continue;
    const std::string file = line.substr(line.find_last_of(' ') + 1);
    const std::string library = file.substr(0, file.find(".so"));
    if (systems.count(library) != 0) continue;
    EXPECT_NE(library, "libcurl") << "a supervisor calls nobody";
    const auto name = names.find(library);
    ASSERT_NE(name, names.end()) << "--version does not know " << library
                                 << "; supervisor/about.cc has all";
    EXPECT_THAT(version, testing::ContainsRegex("  " + name->second + " [0-9]+\\.[0-9]"));
    ++seen;
  }
  EXPECT_GT(seen, 5);
}

TEST(Ryumemd, RefusesABadCommandLineAndABadValueWithSysexitsNumbers) {
  std::string err;
  EXPECT_EQ(exit_of({"--bogus=1"}, variables({}), &err), 64);
  EXPECT_THAT(err, HasSubstr("--bogus"));
  EXPECT_EQ(exit_of({"--workers=none"}, variables({}), &err), 78);
  EXPECT_THAT(err, HasSubstr("--workers: \"none\""));
  EXPECT_EQ(exit_of({"--log-level=loud"}, variables({}), &err), 78);
  EXPECT_THAT(err, HasSubstr("\"loud\""));
  EXPECT_EQ(exit_of({}, variables({"REDIS_URL=http://x"}), &err), 78);
  EXPECT_THAT(err, HasSubstr("REDIS_URL"));
}

TEST(Ryumemd, ChecksItsConfigurationAndStartsNothing) {
  const test::TempDir folder;
  const std::string bad = folder.write("bad", "workers = 3\n\nwrokers = 3\nlease = long\n");
  const std::string good = folder.write("good", "workers = 3\n");
  std::string err, out;
  EXPECT_EQ(exit_of({"--check-config", "--config=" + bad}, variables({}), &err), 78);
  EXPECT_EQ(err, bad + ":3: there is no option \"wrokers\"; did you mean workers?\n" + bad +
                     ":4: lease: \"long\" is not a whole number from 1 to 86400\n");
  EXPECT_EQ(exit_of({"--check-config", "--config=" + good}, variables({}), &err, &out), 0);
  EXPECT_EQ(err + out, "the configuration is good\n");
  EXPECT_EQ(exit_of({"--check-config", "--confg=" + good}, variables({}), &err), 64);
  EXPECT_THAT(err, HasSubstr("did you mean --config?"));
  EXPECT_EQ(exit_of({"--config=" + bad}, variables({}), &err), 78);
  EXPECT_THAT(err, HasSubstr("ryumemd: " + bad + ":3: "));
}

TEST(Ryumemd, PrintsASampleConfigurationThatIsGood) {
  const test::TempDir folder;
  std::string out;
  EXPECT_EQ(exit_of({"--print-sample-config"}, {}, nullptr, &out), 0);
  EXPECT_THAT(out, HasSubstr("#workers = 2\n"));
  EXPECT_EQ(exit_of({"--check-config", "--config=" + folder.write("conf", out)}, variables({})), 0);
}

TEST(Ryumemd, ShowsNoSecretInItsEnvironmentOrArguments) {
  FakeWorker fake(test::kPatient);
  const std::string secret = "k-3-y";
  ChildProcess process(
      command({"--listen=127.0.0.1:0"}),
      variables({"RYUMEM_WORKER_BINARY=" + fake.path(), "WORKER_INTERNAL_KEY=" + secret}));
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 2; }));
  const std::string of_it = "/proc/" + std::to_string(process.pid());
  EXPECT_THAT(test::read_file(of_it + "/environ"),
              testing::AllOf(HasSubstr("WORKER_INTERNAL_KEY=xxxxx"), Not(HasSubstr(secret))));
  EXPECT_THAT(test::read_file(of_it + "/cmdline"), Not(HasSubstr(secret)));
  EXPECT_THAT(process.err(), Not(HasSubstr(secret)));
}

TEST(Ryumemd, SaysSoAndEndsWellWhenItIsSwitchedOff) {
  std::string err;
  EXPECT_EQ(exit_of({}, {"RYUMEM_WORKER_ENABLED=false"}, &err), 0);
  EXPECT_THAT(err, HasSubstr("RYUMEM_WORKER_ENABLED is false"));
}

TEST(Ryumemd, EndsWithTheReasonWhenItsAddressIsTaken) {
  FakeWorker fake(test::kPatient);
  Daemon first(fake.path());
  std::string err;
  EXPECT_EQ(exit_of({"--listen=127.0.0.1:" + std::to_string(first.port())}, variables({}), &err),
            71);
  EXPECT_THAT(err, HasSubstr(std::to_string(first.port())));
  EXPECT_THAT(err, HasSubstr("in use"));
}

TEST(Ryumemd, EndsWithTheReasonWhenItsPortFileCannotBeWritten) {
  FakeWorker fake(test::kPatient);
  std::string err;
  EXPECT_EQ(exit_of({"--listen=127.0.0.1:0", "--port-file=/nonexistent/port"},
                    variables({"RYUMEM_WORKER_BINARY=" + fake.path()}), &err),
            78);
  EXPECT_THAT(err, HasSubstr("--port-file /nonexistent/port"));
  EXPECT_EQ(fake.count(), 0u);
}

TEST(Ryumemd, RunsItsWorkersAndDrainsThemOnTerm) {
  FakeWorker fake(test::kPatient);
  Daemon daemon(fake.path());
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 2; }));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
  for (const FakeWorker::Start& start : fake.starts()) EXPECT_EQ(kill(start.pid, 0), -1);
}

TEST(Ryumemd, ASecondRequestToStopGoesToTheWorkers) {
  FakeWorker fake(test::kEndsAtTheSecondTerm);
  Daemon daemon(fake.path());
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.traps() == 2; }));
  daemon.process().signal(SIGTERM);
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.terms() == 2; }));
  const test::HttpReplyText ready = http_get(daemon.port(), "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("draining: asked to stop"));
  EXPECT_TRUE(daemon.process().running());
  daemon.process().signal(SIGINT);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
  EXPECT_EQ(fake.terms(), 4u);
}

// Who asks again and again hits also the moments in which all has ended and nobody listens any
// more.
TEST(Ryumemd, EndsWellHoweverOftenItIsAskedToStop) {
  for (int time = 0; time < 3; ++time) {
    FakeWorker fake(test::kPatient);
    Daemon daemon(fake.path());
    ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 2; }));
    while (!daemon.process().wait(Millis(1))) daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(kPatience), 0);
  }
}

TEST(Ryumemd, KillsWorkersThatOutstayTheDrainTimeoutAndStillEndsWell) {
  FakeWorker fake(test::kIgnoresTerm);
  Daemon daemon(fake.path(), "redis://127.0.0.1:1", {"--drain-timeout=0"});
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.traps() == 2; }));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
  EXPECT_THAT(daemon.process().err(), HasSubstr("did not stop in time and is killed"));
  for (const FakeWorker::Start& start : fake.starts()) EXPECT_EQ(kill(start.pid, 0), -1);
}

TEST(Ryumemd, LeavesNoOrphanWhenItIsKilled) {
  FakeWorker fake("cat <&3; echo gone >>\"$LOG.gone\"");
  Daemon daemon(fake.path());
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 2; }));
  daemon.process().signal(SIGKILL);
  // If either worker had inherited the write end of the lifeline, both would wait for ever.
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.file(".gone") == "gone\ngone\n"; }));
}

TEST(Ryumemd, ReplacesAWorkerAndTellsWhy) {
  FakeWorker fake(test::kPatient);
  Daemon daemon(fake.path());
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 2; }));
  const FakeWorker::Start victim = fake.starts()[0];
  kill(victim.pid, SIGKILL);
  ASSERT_TRUE(wait_until(kPatience, [&] { return fake.count() == 3; }));
  EXPECT_EQ(daemon.metrics().at("ryumem_worker_restarts_total{reason=\"signal\"}"), 1);
  EXPECT_THAT(daemon.process().err(),
              HasSubstr("pid " + std::to_string(victim.pid) + " killed by signal 9 (Killed)"));
}

TEST(Ryumemd, GoesOnWhenTheWorkersProgramIsMissing) {
  Daemon daemon("/nonexistent/ryumem-worker");
  const auto failures = [&] {
    return daemon.metrics().at("ryumem_worker_restarts_total{reason=\"spawn_failure\"}");
  };
  ASSERT_TRUE(wait_until(kPatience, [&] { return failures() >= 4; }));
  EXPECT_EQ(http_get(daemon.port(), "/livez").status, 200);
  EXPECT_THAT(daemon.process().err(), HasSubstr("cannot start /nonexistent/ryumem-worker"));
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(kPatience), 0);
}

TEST(Ryumemd, AnswersAlsoWithoutRedis) {
  FakeWorker fake(test::kPatient);
  Daemon daemon(fake.path());
  const test::Exposition metrics = daemon.metrics();
  EXPECT_THAT(metrics.faults, IsEmpty());
  EXPECT_EQ(metrics.at("ryumem_redis_up"), 0);
  EXPECT_EQ(metrics.families.count("ryumem_queue_jobs"), 0u);
  EXPECT_EQ(http_get(daemon.port(), "/livez").status, 200);
  EXPECT_EQ(http_get(daemon.port(), "/readyz").status, 503);
  EXPECT_THAT(http_get(daemon.port(), "/readyz").body, HasSubstr("\"redis: "));
  EXPECT_EQ(http_get(daemon.port(), "/internal/queue/stats").status, 503);
}

TEST(Ryumemd, ShowsTheQueueAsLongAsRedisIsThere) {
  test::RedisServer redis;
  redis.ask({"LPUSH", "ryumem:extraction_jobs", "a", "b"});
  FakeWorker fake(test::kPatient);
  Daemon daemon(fake.path(), redis.url());
  const auto shown = [&](double pending) {
    return wait_until(kPatience, [&] {
      return daemon.metrics().at("ryumem_queue_jobs{state=\"pending\"}") == pending;
    });
  };
  EXPECT_TRUE(shown(2));
  EXPECT_EQ(http_get(daemon.port(), "/internal/queue/stats").body,
            R"({"pending":2,"processing":0})");
  EXPECT_EQ(http_get(daemon.port(), "/readyz").body,
            R"({"ready":false,"reasons":["workers: 0 of 2 ready"],"oldest_pending_s":null})");
  redis.kill();
  ASSERT_TRUE(wait_until(
      kPatience, [&] { return daemon.metrics().families.count("ryumem_queue_jobs") == 0; }));
  EXPECT_EQ(daemon.metrics().at("ryumem_redis_up"), 0);
  redis.restart();
  EXPECT_TRUE(shown(0));
}

TEST(Ryumemd, AnswersOnlyGetAndOnlyItsPaths) {
  FakeWorker fake(test::kPatient);
  Daemon daemon(fake.path());
  EXPECT_EQ(http_get(daemon.port(), "/").status, 200);
  EXPECT_EQ(http_get(daemon.port(), "/elsewhere").status, 404);
  EXPECT_EQ(test::http_request(daemon.port(), "POST", "/metrics").status, 405);
  EXPECT_THAT(http_get(daemon.port(), "/metrics").head,
              HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8"));
}

}  // namespace
}  // namespace ryumem
