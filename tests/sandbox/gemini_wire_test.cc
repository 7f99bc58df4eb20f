#include <gmock/gmock.h>

#include "tests/sandbox/wire_fixture.h"

namespace ryumem::sandbox::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kChat = "/v1beta/models/m:generateContent";
constexpr const char* kBatch = "/v1beta/models/m:batchEmbedContents";
constexpr const char* kBob = R"({"entities":[{"entity":"Bob","entity_type":"PERSON"}]})";
constexpr const char* kJson = R"("responseMimeType":"application/json")";

class SandboxGeminiWire : public WireTest {
 protected:
  static std::string chat(const std::string& config, const std::string& more = "") {
    return R"({"systemInstruction":{"parts":[{"text":"Say {\"entities\": []}."}]},)"
           R"("contents":[{"role":"user","parts":[{"text":"Bob"}]}],"generationConfig":{)" +
           config + "}" + more + "}";
  }
  static std::string with_schema() {
    return chat(std::string(kJson) + R"(,"responseJsonSchema":)" + kEntitiesSchema);
  }
  static std::string tool() {
    return R"(,"tools":[{"functionDeclarations":[{"name":"x","parametersJsonSchema":)" +
           std::string(kEntitiesSchema) +
           R"(}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}})";
  }
  static std::string text(const HttpAnswer& answer) {
    return at(answer.body, "candidates/0/content/parts/0/text");
  }
  static std::string finish(const HttpAnswer& answer) {
    return at(answer.body, "candidates/0/finishReason");
  }
};

TEST_F(SandboxGeminiWire, AnswersInEachMannerItIsAskedIn) {
  EXPECT_EQ(text(post(kChat, with_schema())), kBob);
  EXPECT_EQ(text(post(kChat, chat(kJson))), kBob);
  EXPECT_THAT(text(post(kChat, chat(""))), HasSubstr("```json"));
  const HttpAnswer call = post(kChat, chat("", tool()));
  EXPECT_EQ(at(call.body, "candidates/0/content/parts/0/functionCall/name"), "x");
  EXPECT_EQ(at(call.body, "candidates/0/content/parts/0/functionCall/args"), kBob);
  EXPECT_EQ(finish(call), "STOP");
}

TEST_F(SandboxGeminiWire, TakesTheNamesInSnakeCaseToo) {
  const std::string body = R"({"system_instruction":{"parts":[{"text":"Extract."}]},)"
                           R"("contents":[{"parts":[{"text":"Bob"}]}],"generation_config":{)"
                           R"("response_mime_type":"application/json","response_schema":)" +
                           std::string(kEntitiesSchema) + "}}";
  EXPECT_EQ(text(post(kChat, body)), kBob);
}

TEST_F(SandboxGeminiWire, SaysWhatItUsed) {
  const HttpAnswer answer = post(kChat, with_schema());
  EXPECT_EQ(at(answer.body, "usageMetadata/promptTokenCount"), "7");
  EXPECT_EQ(at(answer.body, "usageMetadata/candidatesTokenCount"), "14");
  EXPECT_EQ(at(answer.body, "usageMetadata/totalTokenCount"), "21");
  EXPECT_EQ(at(answer.body, "modelVersion"), "m");
}

TEST_F(SandboxGeminiWire, CutsAnAnswerAtTheLimitOfTokens) {
  const HttpAnswer answer = post(kChat, chat(std::string(kJson) + R"(,"maxOutputTokens":2)"));
  EXPECT_EQ(text(answer), R"({"entiti)");
  EXPECT_EQ(finish(answer), "MAX_TOKENS");
}

TEST_F(SandboxGeminiWire, DoesNotTakeAToolAndAResponseTypeTogether) {
  const HttpAnswer answer = post(kChat, chat(kJson, tool()));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("response mime type"));
}

TEST_F(SandboxGeminiWire, HasNoPartsForWhatIsNotSaid) {
  EXPECT_EQ(at(post(kChat, with_schema(), Malformed::blank).body, "candidates/0/content/parts"),
            "(none)");
  EXPECT_EQ(finish(post(kChat, chat("", tool()), Malformed::not_json)), "MALFORMED_FUNCTION_CALL");
}

TEST_F(SandboxGeminiWire, RefusesAndIgnoresWhatItIsToldTo) {
  manners_.refuse("schema");
  manners_.refuse("thinkingConfig");
  EXPECT_THAT(at(post(kChat, with_schema()).body, "error/message"), HasSubstr("specified schema"));
  EXPECT_THAT(post(kChat, chat(R"("thinkingConfig":{"thinkingLevel":"LOW"})")).body,
              HasSubstr("Thinking level"));
  manners_.ignore("json");
  EXPECT_THAT(text(post(kChat, chat(kJson))), HasSubstr("```json"));
}

TEST_F(SandboxGeminiWire, EmbedsOneAndMany) {
  const std::string one = R"({"model":"models/m","content":{"parts":[{"text":"a"}]},)"
                          R"("outputDimensionality":4})";
  const HttpAnswer many = post(kBatch, "{\"requests\":[" + one + "," + one + "]}");
  EXPECT_NE(at(many.body, "embeddings/1/values/3"), "(none)");
  EXPECT_EQ(at(many.body, "embeddings/1/values/4"), "(none)");
  EXPECT_EQ(at(post("/v1beta/models/m:embedContent", one).body, "embedding/values"),
            at(many.body, "embeddings/0/values"));
}

TEST_F(SandboxGeminiWire, TakesAtMostAHundredTextsOfItsOwnModel) {
  const std::string one = R"({"model":"models/m","content":{"parts":[{"text":"a"}]}})";
  std::string list = one;
  for (int i = 1; i < 100; ++i) list += "," + one;
  EXPECT_EQ(post(kBatch, "{\"requests\":[" + list + "]}").status, 200);
  EXPECT_THAT(post(kBatch, "{\"requests\":[" + list + "," + one + "]}").body,
              HasSubstr("at most 100 requests"));
  EXPECT_EQ(post("/v1beta/models/n:batchEmbedContents", "{\"requests\":[" + one + "]}").status,
            400);
}

TEST_F(SandboxGeminiWire, RefusesKeysAndModelsByTheirNames) {
  EXPECT_EQ(at(post("/v1beta/models/missing:generateContent", with_schema()).body, "error/status"),
            "NOT_FOUND");
  EXPECT_THAT(post("/v1beta/models/retired:generateContent", with_schema()).body,
              HasSubstr("no longer available"));
  EXPECT_EQ(post(kChat, "{bad").status, 400);
  EXPECT_EQ(post(kChat, "{}").status, 400);
  EXPECT_EQ(post("/v1beta/models/m:dance", "{}").status, 404);
  headers_["x-goog-api-key"] = "bad-key";
  const HttpAnswer refused = post(kChat, with_schema());
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(at(refused.body, "error/details/0/reason"), "API_KEY_INVALID");
}

TEST_F(SandboxGeminiWire, TellsAWaitInEachWay) {
  const auto limit = [&](Hint hint) {
    return complain(kChat, with_schema(), Trouble::rate_limit, hint);
  };
  EXPECT_EQ(at(limit(Hint::usual).answer.body, "error/details/1/retryDelay"), "1.5s");
  EXPECT_THAT(limit(Hint::message).answer.body, HasSubstr("Please retry in 1.5s."));
  EXPECT_EQ(limit(Hint::seconds).headers["Retry-After"], "2");
  EXPECT_EQ(at(limit(Hint::none).answer.body, "error/details"), "(none)");
  EXPECT_THAT(complain(kChat, with_schema(), Trouble::quota).answer.body, HasSubstr("PerDay"));
}

TEST_F(SandboxGeminiWire, DeclinesInA200) {
  const HttpAnswer blocked = complain(kChat, with_schema(), Trouble::blocked).answer;
  EXPECT_EQ(blocked.status, 200);
  EXPECT_EQ(at(blocked.body, "promptFeedback/blockReason"), "PROHIBITED_CONTENT");
  EXPECT_EQ(at(blocked.body, "candidates"), "(none)");
  EXPECT_EQ(finish(complain(kChat, with_schema(), Trouble::refusal).answer), "SAFETY");
}

}  // namespace
}  // namespace ryumem::sandbox::test
