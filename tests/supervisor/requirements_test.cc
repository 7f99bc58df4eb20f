// --require: the program itself, with what it needs there or not.
#include "supervisor/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/supervisor/settings_for.h"
#include "tests/supervisor/steady_daemon.h"
#include "tests/support/redis_server.h"
#include "tests/support/run_on_loop.h"

namespace ryumem {
namespace {

using test::SteadyDaemon;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> addresses(const std::vector<std::string>& flags) {
  std::vector<std::string> found;
  for (const Required& one : required_addresses(test::settings_for("redis://h", flags)))
    found.push_back(one.what + " = " + one.where.text());
  return found;
}

TEST(Requirements, AreTheServerAndTheProvidersInUse) {
  EXPECT_THAT(addresses({"--require=redis"}), testing::IsEmpty());
  EXPECT_THAT(addresses({"--require=server, provider", "--server-url=https://bob@s/x",
                         "--llm-provider=ollama", "--embedding-provider=ollama",
                         "--ollama-url=http://[::1]:11434"}),
              testing::ElementsAre("the server at https://bob@s/x = s:443",
                                   "ollama at http://[::1]:11434 = ::1:11434"));
  EXPECT_THAT(addresses({"--require=provider", "--llm-provider=openai",
                         "--embedding-provider=gemini", "--openai-url=http://o/v1"}),
              testing::ElementsAre("openai at http://o/v1 = o:80",
                                   "gemini at https://generativelanguage.googleapis.com = "
                                   "generativelanguage.googleapis.com:443"));
}

TEST(Requirements, ThatNeverComeEndItWith69NamingThem) {
  test::RedisServer redis;
  const std::string nowhere = "http://127.0.0.1:" + std::to_string(test::free_port());
  SteadyDaemon daemon({"--require=redis,server,provider", "--require-within=1"},
                      {"REDIS_URL=" + redis.url(), "SERVER_URL=" + nowhere,
                       "OLLAMA_BASE_URL=http://127.0.0.1:" + std::to_string(redis.port())});
  EXPECT_EQ(daemon.process().wait(SteadyDaemon::kPatience), 69) << daemon.process().err();
  EXPECT_THAT(daemon.process().err(),
              AllOf(HasSubstr("the server at " + nowhere + ": "), HasSubstr("within 1 s"),
                    Not(HasSubstr("ryumemd: Redis")), Not(HasSubstr("ryumemd: ollama"))));
}

TEST(Requirements, MayComeLate) {
  test::RedisServer redis;
  redis.kill();
  SteadyDaemon daemon({"--require=redis", "--require-within=60"}, {"REDIS_URL=" + redis.url()});
  EXPECT_TRUE(daemon.ready(2)) << daemon.process().err();
  redis.restart();
  EXPECT_TRUE(daemon.says("what --require names is there")) << daemon.process().err();
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(SteadyDaemon::kPatience), 0);
}

TEST(Requirements, AreNoneUnlessAskedFor) {
  SteadyDaemon daemon({}, {"SERVER_URL=http://127.0.0.1:1"});
  EXPECT_TRUE(daemon.ready(2)) << daemon.process().err();
  EXPECT_TRUE(daemon.process().running());
}

}  // namespace
}  // namespace ryumem
