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
                             ContainsRegex("ok +chat access +ollama qwen2.5:7b is there"),
                             ContainsRegex("ok +context +16384 tokens"),
                             ContainsRegex("ok +embedding access"),
                             ContainsRegex("ok +chat model +ollama .* with [0-9]+ entities"),
                             ContainsRegex("ok +embedding model +.*vectors of 4 numbers"),
                             ContainsRegex("ok +file limit"), HasSubstr(" 0 failed")));
  EXPECT_THAT(ran.err, HasSubstr("two small calls, which are paid for"));
  EXPECT_EQ(sandbox.call_lines("/api/chat").size(), 1u);
  EXPECT_EQ(sandbox.call_lines("/api/embed").size(), 1u);
  EXPECT_EQ(redis.ask({"KEYS", "*"}), "");
}

TEST_F(Doctor, AsksNoModelWhenThatMustCostNothing) {
  const Ran ran = doctor({"--no-paid", "--json"}, {"WORKER_INTERNAL_KEY=key"});
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_EQ(sandbox.call_lines("/api/chat").size() + sandbox.call_lines("/api/embed").size(), 0u);
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

TEST_F(Doctor, KnowsWithoutPayingWhetherKeyAndModelWillDo) {
  const Ran models =
      doctor({"--no-paid"}, {"LLM_MODEL=missing", "EMBEDDING_PROVIDER=gemini",
                             "GOOGLE_API_KEY=bad-key", "GOOGLE_GEMINI_BASE_URL=" + sandbox.url()});
  EXPECT_EQ(models.code, 1);
  EXPECT_THAT(models.out, AllOf(ContainsRegex("fail +chat access +ollama missing: "),
                                ContainsRegex("fail +embedding access +gemini .*GOOGLE_API_KEY"),
                                HasSubstr("check the key")));
  const Ran gone = doctor(
      {"--no-paid"}, {"LLM_PROVIDER=gemini", "LLM_MODEL=gemini-2.0-flash", "GOOGLE_API_KEY=key"});
  EXPECT_THAT(gone.out, AllOf(ContainsRegex("fail +chat access +gemini gemini-2.0-flash was shut"),
                              HasSubstr("use gemini-3.5-flash-lite")));
}

TEST_F(Doctor, AsksEachProviderForWhatItTellsOfItsModels) {
  const Words at = {"GOOGLE_GEMINI_BASE_URL=" + sandbox.url(),
                    "OPENAI_BASE_URL=" + sandbox.url() + "/v1",
                    "LITELLM_PROXY_API_BASE=" + sandbox.url(), "GOOGLE_API_KEY=key"};
  for (const std::string provider : {"gemini", "openai", "litellm"}) {
    Words variables = at;
    variables.insert(variables.end(),
                     {"LLM_PROVIDER=" + provider, "EMBEDDING_PROVIDER=" + provider});
    const Ran ran = doctor({"--no-paid"}, variables);
    EXPECT_THAT(ran.out, AllOf(ContainsRegex("ok +chat access +" + provider),
                               ContainsRegex("ok +embedding access +" + provider)));
  }
  const Ran other = doctor({"--no-paid"}, {at[1], "LLM_PROVIDER=openai", "LLM_MODEL=mine"});
  EXPECT_THAT(other.out, ContainsRegex("warn +chat access +openai .*no model \"mine\""));
}

TEST_F(Doctor, WarnsOfAContextThatIsTooSmall) {
  const Ran ran = doctor({"--no-paid"}, {"RYUMEM_WORKER_CONTEXT_TOKENS=65536"});
  EXPECT_THAT(ran.out, ContainsRegex("warn +context +.*takes 32768 tokens, and is asked.* 65536"));
  const Ran small = doctor({"--no-paid"}, {"RYUMEM_WORKER_CONTEXT_TOKENS=4096"});
  EXPECT_THAT(small.out, ContainsRegex("warn +context +.*4096 tokens; a piece of 2000"));
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
