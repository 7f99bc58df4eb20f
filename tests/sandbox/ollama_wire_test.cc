#include <gmock/gmock.h>

#include <algorithm>

#include "tests/sandbox/wire_fixture.h"

namespace ryumem::sandbox::test {
namespace {

using ::testing::HasSubstr;

class SandboxOllamaWire : public WireTest {
 protected:
  static std::string chat(const std::string& wanted, const std::string& user,
                          const std::string& more = "") {
    return R"({"model":"m","stream":false,"format":{"type":"object","properties":{")" + wanted +
           R"(":{"type":"array"}}},"messages":[{"role":"system","content":"Extract."},)" +
           R"({"role":"user","content":")" + user + "\"}]" + more + "}";
  }
  static std::string content(const HttpAnswer& answer) {
    const JsonDocument document = JsonDocument::parse(answer.body);
    return std::string(document.root()["message"]["content"].string().value_or("(none)"));
  }
};

TEST_F(SandboxOllamaWire, AnswersTheQuestionThatTheSchemaAsks) {
  const std::string blocks =
      "<user-12345678>u1</user-12345678><text-12345678>I met Bob.</text-12345678>"
      "<entities-12345678>[\\\"u1\\\",\\\"bob\\\"]</entities-12345678>";
  EXPECT_EQ(content(ask("POST", "/api/chat", chat("entities", blocks))),
            R"({"entities":[{"entity":"u1","entity_type":"PERSON"},)"
            R"({"entity":"Bob","entity_type":"PERSON"}]})");
  EXPECT_EQ(content(ask("POST", "/api/chat", chat("relationships", blocks))),
            R"({"relationships":[{"source":"u1","relationship":"MET","destination":"Bob",)"
            R"("fact":"I met Bob"}]})");
}

TEST_F(SandboxOllamaWire, HasTheFieldsOfAChatAnswer) {
  const HttpAnswer answer = ask("POST", "/api/chat", chat("entities", "Bob"));
  EXPECT_EQ(answer.status, 200);
  const JsonDocument document = JsonDocument::parse(answer.body);
  const JsonValue root = document.root();
  EXPECT_EQ(root["model"].string(), "m");
  EXPECT_EQ(root["message"]["role"].string(), "assistant");
  EXPECT_EQ(root["done"].boolean(), true);
  EXPECT_EQ(root["done_reason"].string(), "stop");
  EXPECT_EQ(root["prompt_eval_count"].integer(), 3);
  EXPECT_GT(root["eval_count"].integer().value_or(0), 0);
  EXPECT_TRUE(root.has("total_duration"));
}

TEST_F(SandboxOllamaWire, CutsAnAnswerAtTheLimitOfTokens) {
  const HttpAnswer answer =
      ask("POST", "/api/chat", chat("entities", "Bob", R"(,"options":{"num_predict":2})"));
  EXPECT_EQ(content(answer), R"({"entiti)");
  EXPECT_NE(answer.body.find(R"("done_reason":"length")"), std::string::npos);
}

TEST_F(SandboxOllamaWire, StreamsUnlessToldNotTo) {
  const HttpAnswer answer = ask("POST", "/api/chat", R"({"model":"m","messages":[
      {"role":"user","content":"hi"}]})");
  EXPECT_EQ(answer.content_type, "application/x-ndjson");
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 2);
}

TEST_F(SandboxOllamaWire, RefusesAsOllamaDoes) {
  EXPECT_EQ(ask("POST", "/api/chat", "").body, R"({"error":"missing request body"})");
  EXPECT_EQ(ask("POST", "/api/chat", "{}").body, R"({"error":"model is required"})");
  const HttpAnswer missing = ask("POST", "/api/embed", R"({"model":"missing-1","input":"x"})");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, R"({"error":"model 'missing-1' not found"})");
  EXPECT_EQ(ask("POST", "/api/embed", R"({"model":"m","input":[1]})").body,
            R"({"error":"invalid input type"})");
  EXPECT_EQ(ask("POST", "/api/chat", "{bad").status, 400);
  EXPECT_EQ(ask("GET", "/api/chat", "").status, 405);
}

TEST_F(SandboxOllamaWire, EmbedsInOrderAndHonoursSmallerDimensions) {
  const HttpAnswer answer =
      ask("POST", "/api/embed", R"({"model":"m","input":["a","b","a"],"dimensions":4})");
  const JsonDocument document = JsonDocument::parse(answer.body);
  const std::vector<JsonValue> vectors = document.root()["embeddings"].items();
  ASSERT_EQ(vectors.size(), 3U);
  double squares = 0;
  ASSERT_EQ(vectors[0].items().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const double number = *vectors[0].items()[i].number();
    squares += number * number;
    EXPECT_EQ(number, *vectors[2].items()[i].number());
  }
  EXPECT_NEAR(squares, 1, 1e-4);
  const HttpAnswer large =
      ask("POST", "/api/embed", R"({"model":"m","input":"a","dimensions":99})");
  const JsonDocument second = JsonDocument::parse(large.body);
  EXPECT_EQ(second.root()["embeddings"].items()[0].items().size(), 8U);
  EXPECT_NE(ask("POST", "/api/embed", R"({"model":"m","input":""})").body.find("\"embeddings\":[]"),
            std::string::npos);
}

TEST_F(SandboxOllamaWire, SaysWhatTheScriptSays) {
  const JsonDocument script = JsonDocument::parse(
      R"json({"chat":[{"contains":"Ada","question":"entities","answer":{"entities":[]}},
                      {"contains":"Ada","answer":"mumble"}],
              "embeddings":{"ada (PERSON)":[0.118557,-0.5]}})json");
  script_.set(script.root());
  EXPECT_EQ(content(ask("POST", "/api/chat", chat("entities", "Ada"))), R"({"entities":[]})");
  EXPECT_EQ(content(ask("POST", "/api/chat", chat("relationships", "Ada"))), "mumble");
  EXPECT_NE(content(ask("POST", "/api/chat", chat("entities", "Bob"))).find("Bob"),
            std::string::npos);
  EXPECT_NE(ask("POST", "/api/embed", R"json({"model":"m","input":["ada (PERSON)"]})json")
                .body.find("[[0.118557,-0.5]]"),
            std::string::npos);
  const JsonDocument bad = JsonDocument::parse(R"({"chat":[{"contains":"x"}]})");
  EXPECT_THROW(script_.set(bad.root()), Failure);
}

TEST_F(SandboxOllamaWire, AnswersMalformedOnDemand) {
  const std::string question = chat("entities", "Bob");
  EXPECT_EQ(content(ask("POST", "/api/chat", question, Malformed::empty_object)), "{}");
  EXPECT_EQ(content(ask("POST", "/api/chat", question, Malformed::blank)), "");
  EXPECT_EQ(content(ask("POST", "/api/chat", question, Malformed::fence)).find("```json"), 0U);
  const std::string two = R"({"model":"m","input":["a","b"]})";
  const HttpAnswer fewer = ask("POST", "/api/embed", two, Malformed::wrong_count);
  EXPECT_EQ(JsonDocument::parse(fewer.body).root()["embeddings"].items().size(), 1U);
  const HttpAnswer shorter = ask("POST", "/api/embed", two, Malformed::wrong_dimension);
  const JsonDocument document = JsonDocument::parse(shorter.body);
  EXPECT_EQ(document.root()["embeddings"].items()[0].items().size(), 7U);
  EXPECT_NE(ask("POST", "/api/embed", two, Malformed::nan).body.find("[[NaN,"), std::string::npos);
}

TEST_F(SandboxOllamaWire, AnswersTheProbes) {
  EXPECT_EQ(ask("GET", "/", "").body, "Ollama is running");
  EXPECT_NE(ask("GET", "/api/version", "").body.find("\"version\""), std::string::npos);
  EXPECT_NE(ask("GET", "/api/tags", "").body.find(":latest"), std::string::npos);
  EXPECT_EQ(find_wire(query_of("GET", "/internal/queue/stats", "")), nullptr);
}

TEST_F(SandboxOllamaWire, HoldsTheModelToJsonAsItIsAskedTo) {
  const std::string words = R"("messages":[{"role":"system","content":"Say {\"entities\": []}."},)"
                            R"({"role":"user","content":"Bob"}]})";
  const std::string plain = R"({"model":"m","stream":false,)" + words;
  const std::string json = R"({"model":"m","stream":false,"format":"json",)" + words;
  EXPECT_THAT(content(post("/api/chat", plain)), HasSubstr("```json"));
  EXPECT_EQ(content(post("/api/chat", json)),
            R"({"entities":[{"entity":"Bob","entity_type":"PERSON"}]})");
  manners_.ignore("json");
  EXPECT_EQ(content(post("/api/chat", json)), content(post("/api/chat", plain)));
  manners_.refuse("json");
  EXPECT_THAT(post("/api/chat", json).body, HasSubstr("invalid format"));
  EXPECT_EQ(post("/api/chat", plain).status, 200);
}

TEST_F(SandboxOllamaWire, ComplainsAsOllamaDoes) {
  const std::string body = chat("entities", "Bob");
  EXPECT_EQ(complain("/api/chat", body, Trouble::bad_key).answer.status, 401);
  EXPECT_EQ(complain("/api/chat", body, Trouble::model_retired).answer.body,
            R"({"error":"model 'm' not found"})");
  EXPECT_EQ(complain("/api/chat", body, Trouble::overloaded).answer.status, 503);
  EXPECT_TRUE(complain("/api/chat", body, Trouble::rate_limit).headers.empty());
  EXPECT_EQ(complain("/api/chat", body, Trouble::rate_limit, Hint::seconds).headers["Retry-After"],
            "2");
  EXPECT_EQ(content(complain("/api/chat", body, Trouble::refusal).answer),
            "I can't help with that.");
}

}  // namespace
}  // namespace ryumem::sandbox::test
