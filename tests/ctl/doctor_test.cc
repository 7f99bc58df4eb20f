// The checkup of a real Redis, the sandbox's server and its model; by ryumemctl and by ryumemd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "tests/ctl/run_ctl.h"
#include "tests/worker/processes.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using Words = std::vector<std::string>;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

Ran run(const Words& command, const Words& environment) {
  test::ChildProcess process(command, environment);
  Ran ran;
  ran.code = process.wait(test::kPatience).value_or(-1);
  ran.out = process.out();
  ran.err = process.err();
  return ran;
}

class Doctor : public testing::Test {
 protected:
  // What comes last goes first.
  Words environment(const Words& more = {}) {
    Words all = test::worker_environment(redis, sandbox, {"RYUMEM_WORKER_LISTEN=127.0.0.1:1"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Ran doctor(const Words& more, const Words& variables = {}) {
    Words command = {test::program("ryumemctl"), "doctor"};
    command.insert(command.end(), more.begin(), more.end());
    return run(command, environment(variables));
  }
  test::RedisServer redis;
  test::SandboxProcess sandbox{"key"};
};

TEST_F(Doctor, FindsAllInOrderAndAsksEachModelOnce) {
  const Ran ran = doctor({}, {"WORKER_INTERNAL_KEY=key"});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(ContainsRegex("ok +redis version +[67]"),
                             ContainsRegex("warn +redis persistence +nothing is written to disk"),
                             ContainsRegex("ok +server +.*takes the internal key"),
                             ContainsRegex("ok +chat model +ollama .* with [0-9]+ entities"),
                             ContainsRegex("ok +embedding model +.*vectors of 4 numbers"),
                             ContainsRegex("ok +file limit"), HasSubstr(" 0 failed")));
  EXPECT_THAT(ran.err, HasSubstr("two small calls, which are paid for"));
  EXPECT_EQ(sandbox.call_lines("/api/").size(), 2u);
  EXPECT_EQ(redis.ask({"KEYS", "*"}), "");
}

TEST_F(Doctor, AsksNoModelWhenThatMustCostNothing) {
  const Ran ran = doctor({"--no-paid", "--json"}, {"WORKER_INTERNAL_KEY=key"});
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_EQ(sandbox.call_lines("/api/").size(), 0u);
  const JsonDocument document = JsonDocument::parse(ran.out);
  EXPECT_EQ(document.root()["healthy"].boolean(), true);
  bool skipped = false;
  for (const JsonValue check : document.root()["checks"].items())
    skipped = skipped ||
              (check["thing"].string() == "chat model" && check["health"].string() == "skipped");
  EXPECT_TRUE(skipped);
}

TEST_F(Doctor, SaysWhatIsWrongAndWhatToDoAboutIt) {
  sandbox.inject(R"({"face":"model","path":"/api/chat","status":404,"body":"no such model"})");
  redis.ask({"CONFIG", "SET", "maxmemory", "100mb"});
  redis.ask({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  const Ran ran = doctor({}, {"WORKER_INTERNAL_KEY=wrong", "EMBEDDING_DIMENSIONS=5"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out,
              AllOf(ContainsRegex("fail +redis eviction +allkeys-lru"),
                    ContainsRegex("fail +server +.*403"), HasSubstr("set WORKER_INTERNAL_KEY"),
                    ContainsRegex("fail +chat model .*no such model"), HasSubstr("4 failed")));
  EXPECT_THAT(ran.out, ContainsRegex("fail +embedding model .*EMBEDDING_DIMENSIONS is 5"));
}

TEST_F(Doctor, LooksAtTheRestWhenRedisAndServerAreAway) {
  const Ran ran =
      run({test::program("ryumemctl"), "doctor", "--no-paid"},
          environment({"REDIS_URL=redis://127.0.0.1:1", "SERVER_URL=http://127.0.0.1:1"}));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, AllOf(ContainsRegex("fail +redis  "), ContainsRegex("fail +server "),
                             ContainsRegex("ok +file limit")));
}

TEST_F(Doctor, NamesAWrongConfiguration) {
  const Ran ran = doctor({}, {"LLM_PROVIDER=nobody"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, ContainsRegex("fail +configuration .*nobody"));
}

TEST_F(Doctor, IsAnOptionOfTheDaemonToo) {
  const Ran ran = run({test::program("ryumemd"), "--workers", "3", "--doctor", "--no-paid"},
                      environment({"WORKER_INTERNAL_KEY=key"}));
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, AllOf(ContainsRegex("ok +redis version"), HasSubstr("--no-paid")));
  const Ran wrong = run({test::program("ryumemd"), "--doctor", "--lisssten", "x"}, environment());
  EXPECT_EQ(wrong.code, 64);
  EXPECT_THAT(wrong.err, Not(HasSubstr("ok ")));
}

}  // namespace
}  // namespace ryumem
