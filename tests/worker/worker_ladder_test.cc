// ryumem-worker remembers how a server wants to be asked.
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::kPatience;
using test::wait_until;
using test::WorkerProcess;
using test::WorkerTest;
using testing::HasSubstr;

constexpr const char* kFound = "ryumem:found:manner:*";

class WorkerLadder : public WorkerTest {
 protected:
  std::vector<std::string> environment() {
    return {"LLM_PROVIDER=openai", "LLM_MODEL=m", "OPENAI_BASE_URL=" + sandbox.url() + "/v1"};
  }
  std::size_t refused_calls() {
    std::size_t count = 0;
    for (const JsonDocument& call : sandbox.calls("/v1/chat"))
      if (call.root()["status"].integer() == 400) ++count;
    return count;
  }
  void complete(const std::string& id) {
    WorkerProcess worker(redis, sandbox, environment());
    put(id);
    EXPECT_TRUE(becomes(id, "completed")) << worker.process().err();
    worker.process().signal(SIGTERM);
    EXPECT_EQ(worker.process().wait(kPatience), 0) << worker.process().err();
    said_ = worker.process().err();
  }
  std::string said_;  // the last worker's log
};

TEST_F(WorkerLadder, IsFoundOnceAndRememberedByTheNextProcess) {
  sandbox.control("POST", "/sandbox/manners", R"({"refuses":["schema"]})");
  complete("a");
  EXPECT_EQ(refused_calls(), 1u);
  EXPECT_THAT(said_, HasSubstr("does not take being held by a JSON schema"));
  EXPECT_THAT(said_, HasSubstr("held to the shape of its answers by a tool"));
  const std::string key = redis.ask({"KEYS", kFound});
  ASSERT_THAT(key, HasSubstr("openai:m:"));
  EXPECT_EQ(test::lifetime(redis, key), " for a day");
  complete("b");
  EXPECT_EQ(refused_calls(), 1u);
  EXPECT_THAT(said_, HasSubstr("by a tool that it has to call, as was found before"));
  expect_all_done();
}

TEST_F(WorkerLadder, CostsOneCallPerRungForAllJobsOfAProcess) {
  sandbox.control("POST", "/sandbox/manners", R"({"refuses":["schema","tool"]})");
  for (int i = 0; i < 20; ++i) put("j" + std::to_string(i));
  WorkerProcess worker(redis, sandbox, environment());
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(becomes("j" + std::to_string(i), "completed")) << worker.process().err();
  EXPECT_EQ(refused_calls(), 2u);
  expect_all_done();
}

TEST_F(WorkerLadder, IsLeftWhereAServerIgnoresIt) {
  sandbox.control("DELETE", "/sandbox/script");  // what is scripted is said as it is
  sandbox.control("POST", "/sandbox/manners", R"({"ignores":["schema"]})");
  WorkerProcess worker(redis, sandbox, environment());
  for (const char* name : {"Ada", "Bob", "Cleo"}) {
    put(name, std::string("I met ") + name + ".");
    EXPECT_TRUE(becomes(name, "completed")) << worker.process().err();
  }
  EXPECT_TRUE(worker.said("answers as if it were not, 3 times in a row")) << worker.process().err();
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return redis.ask({"GET", redis.ask({"KEYS", kFound})}).find("tool") != std::string::npos;
  }));
}

TEST_F(WorkerLadder, TriesTheFirmestAgainWhenTheFindingIsOld) {
  sandbox.control("POST", "/sandbox/manners", R"({"refuses":["schema"]})");
  complete("a");
  const std::string key = redis.ask({"KEYS", kFound});
  redis.ask({"SET", key, R"({"rung":"tool","without":[],"until":1})"});
  sandbox.control("DELETE", "/sandbox/manners");
  complete("b");
  EXPECT_EQ(refused_calls(), 1u);
  EXPECT_THAT(redis.ask({"GET", key}), HasSubstr("\"rung\":\"schema\""));
}

TEST_F(WorkerLadder, TriesByItselfWhenWhatIsRememberedCannotBeRead) {
  complete("a");
  const std::string key = redis.ask({"KEYS", kFound});
  int number = 0;
  for (const char* nonsense : {"{", "[]", R"({"rung":"rope","until":9999999999})"}) {
    redis.ask({"SET", key, nonsense});
    complete("b" + std::to_string(++number));
    EXPECT_THAT(redis.ask({"GET", key}), HasSubstr("\"rung\":\"schema\""));
  }
}

}  // namespace
}  // namespace ryumem
