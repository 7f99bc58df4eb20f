// What a text would come to, asked of the sandbox's models by ryumemctl, which writes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json.h"
#include "tests/support/h2_server.h"
#include "tests/worker/processes.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using Words = std::vector<std::string>;

struct Tried {
  int code = -1;
  std::string out;
  std::string err;
};

class Try : public testing::Test {
 protected:
  // Without a Redis and a server anywhere. What comes last goes first.
  Tried run(const Words& command, const Words& more) {
    Words environment = {"REDIS_URL=redis://127.0.0.1:1", "SERVER_URL=http://127.0.0.1:1",
                         "LLM_PROVIDER=ollama",           "EMBEDDING_PROVIDER=ollama",
                         "EMBEDDING_DIMENSIONS=4",        "OLLAMA_BASE_URL=" + sandbox.url(),
                         "RYUMEM_WORKER_CALL_TRIES=1"};
    environment.insert(environment.end(), more.begin(), more.end());
    test::ChildProcess process(command, environment);
    Tried tried;
    tried.code = process.wait(test::kPatience).value_or(-1);
    tried.out = process.out();
    tried.err = process.err();
    return tried;
  }
  Tried attempt(const Words& words, const Words& more = {}) {
    Words command = {test::program("ryumemctl"), "try"};
    command.insert(command.end(), words.begin(), words.end());
    return run(command, more);
  }
  test::SandboxProcess sandbox;
};

TEST_F(Try, ShowsWhatWouldBeStoredAndStoresNothing) {
  const Tried tried = attempt({"Alice works at Acme."});
  EXPECT_EQ(tried.code, 0) << tried.out << tried.err;
  EXPECT_THAT(tried.err, Not(HasSubstr("redis"))) << "it does not need one";
  EXPECT_THAT(tried.out, AllOf(HasSubstr("alice (PERSON)"), HasSubstr("alice WORKS_AT acme"),
                               HasSubstr("Nothing was stored."), HasSubstr("held by")));
  EXPECT_THAT(tried.out, ContainsRegex("chat +ollama qwen2.5:7b: 2 calls, [0-9]+ tokens in"));
  EXPECT_THAT(tried.out, ContainsRegex("embed +ollama nomic-embed-text: 2 calls"));
  EXPECT_EQ(sandbox.call_lines("/internal").size(), 0u);
  EXPECT_EQ(sandbox.call_lines("/api/chat").size(), 2u);
}

TEST_F(Try, WritesNothingToARedisThatIsThere) {
  test::RedisServer redis;
  const Tried tried = attempt({"Alice works at Acme."}, {"REDIS_URL=" + redis.url()});
  EXPECT_EQ(tried.code, 0) << tried.err;
  EXPECT_EQ(redis.ask({"KEYS", "*"}), "");
}

TEST_F(Try, GivesAllOfItAsJsonWithItsCost) {
  const test::TempDir folder;
  const std::string prices = folder.write("prices", "ollama qwen* 1000 1000\nollama nomic* 10 0\n");
  const Tried tried =
      attempt({"--json", "Alice works at Acme."}, {"RYUMEM_WORKER_PRICE_FILE=" + prices});
  EXPECT_EQ(tried.code, 0) << tried.err;
  const JsonDocument document = JsonDocument::parse(tried.out);
  const JsonValue root = document.root();
  EXPECT_EQ(root["entities"].items().at(0)["name"].string(), "alice");
  EXPECT_EQ(root["relationships"].items().at(0)["source"].string(), "alice");
  EXPECT_EQ(root["failure"].type(), JsonValue::Type::null);
  const JsonValue chat = root["models"].items().at(0);
  EXPECT_EQ(chat["call"].string(), "chat");
  const double tokens =
      static_cast<double>(*chat["tokens_in"].integer() + *chat["tokens_out"].integer());
  EXPECT_NEAR(*chat["usd"].number(), tokens * 0.001, 1e-9);
  EXPECT_GE(*root["usd"].number(), *chat["usd"].number());
}

TEST_F(Try, SaysThatACostIsNotKnown) {
  const test::TempDir folder;
  const std::string prices = folder.write("prices", "openai * 1 1\n");
  const Tried tried =
      attempt({"--json", "Alice works at Acme."}, {"RYUMEM_WORKER_PRICE_FILE=" + prices});
  EXPECT_THAT(tried.out, AllOf(HasSubstr("\"usd\":null"), HasSubstr("\"all_costs_known\":false")));
}

TEST_F(Try, SaysWhatWasLeftOutAndWhy) {
  sandbox.inject(R"({"face":"model","path":"/api/chat","times":1,"status":200,"body":)"
                 R"("{\"message\":{\"content\":\"{\\\"entities\\\":[)"
                 R"({\\\"entity\\\":\\\"Alice\\\",\\\"entity_type\\\":\\\"PERSON\\\"},)"
                 R"({\\\"entity\\\":\\\"she\\\",\\\"entity_type\\\":\\\"PERSON\\\"},)"
                 R"({\\\"entity\\\":\\\"Acme\\\"}]}\"},\"done\":true,\"done_reason\":\"stop\"}"})");
  const Tried tried = attempt({"Alice works at Acme, she says."});
  EXPECT_EQ(tried.code, 0) << tried.out << tried.err;
  EXPECT_THAT(tried.out,
              AllOf(HasSubstr("pronoun: she (PERSON)"), HasSubstr("malformed: Acme ()")));
}

TEST_F(Try, FindsNothingInATextThatNamesNobody) {
  const Tried tried = attempt({"it rained all day, and then it rained some more."});
  EXPECT_EQ(tried.code, 0) << tried.out << tried.err;
  EXPECT_THAT(tried.out, AllOf(ContainsRegex("entities +0"), HasSubstr("nothing in this text")));
  EXPECT_EQ(sandbox.call_lines("/api/embed").size(), 0u);
}

TEST_F(Try, ReadsAFileOrStandardInput) {
  const test::TempDir folder;
  const std::string file = folder.write("text", "Alice works at Acme.\n");
  EXPECT_THAT(attempt({"--file", file}).out, HasSubstr("alice (PERSON)"));
  const Tried piped =
      run({"sh", "-c", "exec \"$0\" try - < " + file, test::program("ryumemctl")}, {});
  EXPECT_THAT(piped.out, HasSubstr("alice (PERSON)"));
}

TEST_F(Try, NamesTheFailureAndWhatToDo) {
  const Tried down = attempt({"Alice works at Acme."}, {"OLLAMA_BASE_URL=http://127.0.0.1:1"});
  EXPECT_EQ(down.code, 1);
  EXPECT_THAT(down.out, AllOf(ContainsRegex("failed +unreachable: extract_entities: "),
                              HasSubstr("check the URL of ollama")));
  const Tried key = attempt({"--json", "Alice works at Acme."}, {"OLLAMA_API_KEY=bad"});
  EXPECT_EQ(key.code, 1);
  const JsonDocument document = JsonDocument::parse(key.out);
  EXPECT_EQ(document.root()["failure"]["kind"].string(), "outage");
  EXPECT_THAT(std::string(*document.root()["failure"]["remedy"].string()), HasSubstr("key"));
}

TEST_F(Try, KeepsWhatWasFoundWhenALaterStepFails) {
  const Tried tried = attempt({"Alice works at Acme."}, {"EMBEDDING_DIMENSIONS=5"});
  EXPECT_EQ(tried.code, 1);
  EXPECT_THAT(tried.out, AllOf(HasSubstr("alice (PERSON)"), HasSubstr("EMBEDDING_DIMENSIONS is 5"),
                               ContainsRegex("failed +outage: embed_entities")));
}

TEST_F(Try, TrustsTheAuthoritiesOfCaFileOnly) {
  const test::Certificates certificates;
  const test::H2Server server(certificates);
  std::string url = server.url();
  url.pop_back();
  const Words at = {"OLLAMA_BASE_URL=" + url};
  EXPECT_THAT(attempt({"Alice works at Acme."}, at).out,
              AllOf(HasSubstr("failed         outage"), HasSubstr("certificate")));
  const Tried trusting = attempt({"Alice works at Acme."},
                                 {at[0], "RYUMEM_WORKER_CA_FILE=" + certificates.authority()});
  EXPECT_THAT(trusting.out, AllOf(HasSubstr("failed  "), Not(HasSubstr("certificate"))));
}

TEST_F(Try, RefusesAWrongCommandLineAndAWrongConfiguration) {
  EXPECT_EQ(attempt({}).code, 64);
  EXPECT_EQ(attempt({" "}).code, 64);
  EXPECT_EQ(attempt({"one", "two"}).code, 64);
  EXPECT_EQ(attempt({"--file", "/nowhere"}).code, 64);
  EXPECT_EQ(attempt({"text"}, {"LLM_PROVIDER=nobody"}).code, 78);
}

}  // namespace
}  // namespace ryumem
