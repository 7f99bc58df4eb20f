#include <gmock/gmock.h>

#include "tests/sandbox/wire_fixture.h"
#include "worker/providers/vector_texts.h"

namespace ryumem::sandbox::test {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;

constexpr const char* kChat = "/v1/chat/completions";
constexpr const char* kMessages =
    R"("messages":[{"role":"system","content":"Say JSON: {\"entities\": []}."},)"
    R"({"role":"user","content":[{"type":"text","text":"Bob"}]}])";
constexpr const char* kBob = R"({"entities":[{"entity":"Bob","entity_type":"PERSON"}]})";

class SandboxOpenAiWire : public WireTest {
 protected:
  static std::string chat(const std::string& more, const std::string& model = "m") {
    return "{\"model\":\"" + model + "\"," + kMessages + more + "}";
  }
  static std::string with_schema(const std::string& schema = kEntitiesSchema) {
    return chat(R"(,"response_format":{"type":"json_schema","json_schema":{"name":"x",)"
                R"("strict":true,"schema":)" +
                schema + "}}");
  }
  static std::string with_tool(const std::string& choice) {
    return chat(R"(,"tools":[{"type":"function","function":{"name":"x","strict":true,)"
                R"("parameters":)" +
                std::string(kEntitiesSchema) + R"(}}],"tool_choice":)" + choice);
  }
  static std::string content(const HttpAnswer& answer) {
    return at(answer.body, "choices/0/message/content");
  }
  static std::string finish(const HttpAnswer& answer) {
    return at(answer.body, "choices/0/finish_reason");
  }
};

TEST_F(SandboxOpenAiWire, AnswersInEachMannerItIsAskedIn) {
  EXPECT_EQ(content(post(kChat, with_schema())), kBob);
  EXPECT_EQ(content(post(kChat, chat(R"(,"response_format":{"type":"json_object"})"))), kBob);
  EXPECT_THAT(content(post(kChat, chat(""))), HasSubstr("```json"));
  const HttpAnswer named = post(kChat, with_tool(R"({"type":"function","function":{"name":"x"}})"));
  EXPECT_EQ(content(named), "null");
  EXPECT_EQ(at(named.body, "choices/0/message/tool_calls/0/function/name"), "x");
  EXPECT_EQ(at(named.body, "choices/0/message/tool_calls/0/function/arguments"), kBob);
  EXPECT_EQ(finish(named), "stop");
  EXPECT_EQ(finish(post(kChat, with_tool("\"required\""))), "tool_calls");
  EXPECT_THAT(content(post(kChat, with_tool("\"none\""))), HasSubstr("```json"));
}

TEST_F(SandboxOpenAiWire, SaysWhatItUsed) {
  const HttpAnswer answer = post(kChat, with_schema());
  EXPECT_EQ(at(answer.body, "object"), "chat.completion");
  EXPECT_EQ(at(answer.body, "model"), "m");
  EXPECT_EQ(at(answer.body, "usage/prompt_tokens"), "8");
  EXPECT_EQ(at(answer.body, "usage/completion_tokens"), "14");
  EXPECT_EQ(at(answer.body, "usage/total_tokens"), "22");
}

TEST_F(SandboxOpenAiWire, CutsAnAnswerAtTheLimitOfTokens) {
  for (const char* limit : {"max_tokens", "max_completion_tokens"}) {
    const HttpAnswer answer = post(kChat, chat(",\"" + std::string(limit) + "\":2"));
    EXPECT_EQ(content(answer), "```json\n");
    EXPECT_EQ(finish(answer), "length");
  }
}

TEST_F(SandboxOpenAiWire, IsStrictAboutStrictSchemas) {
  const HttpAnswer open = post(kChat, with_schema(R"({"type":"object","properties":{}})"));
  EXPECT_EQ(open.status, 400);
  EXPECT_THAT(at(open.body, "error/message"), HasSubstr("'additionalProperties'"));
  EXPECT_EQ(at(open.body, "error/param"), "response_format");
  const HttpAnswer optional = post(kChat, with_schema(R"({"type":"object","required":[],
      "additionalProperties":false,"properties":{"entities":{"type":"string"}}})"));
  EXPECT_THAT(at(optional.body, "error/message"), HasSubstr("Missing 'entities'"));
}

TEST_F(SandboxOpenAiWire, WantsTheWordJsonForJson) {
  const HttpAnswer answer = post(kChat, R"({"model":"m","response_format":{"type":"json_object"},
      "messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(at(answer.body, "error/message"), HasSubstr("must contain the word 'json'"));
}

TEST_F(SandboxOpenAiWire, RefusesWhatItIsToldTo) {
  manners_.refuse("schema");
  manners_.refuse("max_completion_tokens");
  const HttpAnswer schema = post(kChat, with_schema());
  EXPECT_EQ(schema.status, 400);
  EXPECT_EQ(at(schema.body, "error/param"), "response_format");
  const HttpAnswer limit = post(kChat, chat(R"(,"max_completion_tokens":9)"));
  EXPECT_EQ(at(limit.body, "error/code"), "unsupported_parameter");
  EXPECT_EQ(at(limit.body, "error/param"), "max_completion_tokens");
  EXPECT_EQ(post(kChat, with_tool("\"required\"")).status, 200);
  manners_.set(JsonDocument::parse(R"({"refuses":["tool"],"status":422})").root());
  const HttpAnswer tool = post(kChat, with_tool("\"required\""));
  EXPECT_EQ(tool.status, 422);
  EXPECT_EQ(at(tool.body, "detail/0/loc/1"), "tools");
}

TEST_F(SandboxOpenAiWire, IgnoresWhatItIsToldTo) {
  manners_.ignore("schema");
  manners_.ignore("tool");
  EXPECT_THAT(content(post(kChat, with_schema())), HasSubstr("```json"));
  EXPECT_THAT(content(post(kChat, with_tool("\"required\""))), HasSubstr("```json"));
}

TEST_F(SandboxOpenAiWire, EmbedsInNumbersAndInBase64) {
  const HttpAnswer numbers =
      post("/v1/embeddings", R"({"model":"m","input":["a","b"],"dimensions":4})");
  EXPECT_EQ(at(numbers.body, "data/1/index"), "1");
  EXPECT_EQ(at(numbers.body, "usage/prompt_tokens"), "2");
  const HttpAnswer coded = post("/v1/embeddings", R"({"model":"m","input":"a","dimensions":4,)"
                                                  R"("encoding_format":"base64"})");
  const std::vector<float> floats = floats_of_base64(at(coded.body, "data/0/embedding"));
  ASSERT_EQ(floats.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string number = at(numbers.body, "data/0/embedding/" + std::to_string(i));
    EXPECT_THAT(floats[i], FloatNear(std::stof(number), 1e-6F));
  }
}

TEST_F(SandboxOpenAiWire, RefusesTextsThatCannotBeEmbedded) {
  EXPECT_EQ(post("/v1/embeddings", R"({"model":"m","input":["a",""]})").status, 400);
  std::string many = R"({"model":"m","input":["a")";
  for (int i = 0; i < 2048; ++i) many += ",\"a\"";
  EXPECT_EQ(at(post("/v1/embeddings", many + "]}").body, "error/code"), "array_above_max_length");
}

TEST_F(SandboxOpenAiWire, RefusesKeysAndModelsByTheirNames) {
  EXPECT_EQ(at(post(kChat, chat("", "missing-1")).body, "error/code"), "model_not_found");
  EXPECT_THAT(post(kChat, chat("", "retired-1")).body, HasSubstr("deprecated"));
  EXPECT_EQ(post(kChat, "{}").status, 400);
  EXPECT_EQ(post(kChat, "{bad").status, 400);
  EXPECT_EQ(post("/v1/elsewhere", "{}").status, 404);
  headers_["authorization"] = "Bearer bad-key";
  EXPECT_EQ(at(post(kChat, chat("")).body, "error/code"), "invalid_api_key");
}

TEST_F(SandboxOpenAiWire, TellsAWaitInEachWay) {
  const auto headers = [&](Hint hint) {
    return complain(kChat, chat(""), Trouble::rate_limit, hint).headers;
  };
  EXPECT_EQ(headers(Hint::usual)["Retry-After-Ms"], "1500");
  EXPECT_EQ(headers(Hint::seconds)["Retry-After"], "2");
  EXPECT_THAT(headers(Hint::date)["Retry-After"], HasSubstr(" GMT"));
  EXPECT_EQ(headers(Hint::prefixed)["llm_provider-retry-after"], "2");
  EXPECT_TRUE(headers(Hint::none).empty());
  EXPECT_THAT(complain(kChat, chat(""), Trouble::rate_limit, Hint::message).answer.body,
              HasSubstr("try again in 1.5s"));
}

TEST_F(SandboxOpenAiWire, DeclinesInA200) {
  const HttpAnswer refusal = complain(kChat, chat(""), Trouble::refusal).answer;
  EXPECT_EQ(refusal.status, 200);
  EXPECT_THAT(at(refusal.body, "choices/0/message/refusal"), HasSubstr("can't help"));
  const HttpAnswer blocked = complain(kChat, chat(""), Trouble::blocked).answer;
  EXPECT_EQ(blocked.status, 200);
  EXPECT_EQ(finish(blocked), "content_filter");
}

TEST_F(SandboxOpenAiWire, IsTheProxysWithoutItsV1OrWithItsHeader) {
  const std::string missing = chat("", "missing-1");
  EXPECT_THAT(post("/chat/completions", missing).body, HasSubstr("Invalid model name passed"));
  EXPECT_EQ(post(kChat, missing).body.find("Invalid model name passed"), std::string::npos);
  headers_["x-litellm-num-retries"] = "0";
  EXPECT_THAT(post(kChat, missing).body, HasSubstr("Invalid model name passed"));
  const Refusal limit = complain(kChat, chat(""), Trouble::rate_limit);
  EXPECT_EQ(at(limit.answer.body, "error/code"), "429");
  EXPECT_THAT(at(limit.answer.body, "error/message"), HasSubstr("litellm.RateLimitError"));
  EXPECT_EQ(at(complain(kChat, chat(""), Trouble::quota).answer.body, "error/type"),
            "budget_exceeded");
  EXPECT_EQ(content(post("/chat/completions", with_schema())), kBob);
}

}  // namespace
}  // namespace ryumem::sandbox::test
