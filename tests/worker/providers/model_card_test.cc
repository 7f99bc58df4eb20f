#include "worker/providers/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

using testing::Contains;

Endpoint endpoint(const std::string& model) {
  Endpoint out;
  out.url = "http://host/v1";
  out.model = model;
  out.key = "key";
  return out;
}

HttpReply reply(const std::string& body) {
  HttpReply out;
  out.status = 200;
  out.body = body;
  return out;
}

TEST(ModelCard, IsAskedForWithTheKeyAsEachProviderTakesIt) {
  const HttpRequest gemini = card_request(kGemini, endpoint("gemini-x"));
  EXPECT_EQ(gemini.url, "http://host/v1/v1beta/models/gemini-x");
  EXPECT_THAT(gemini.headers, Contains("x-goog-api-key: key"));
  const HttpRequest openai = card_request(kOpenAi, endpoint("gpt-x"));
  EXPECT_EQ(openai.method + " " + openai.url, "GET http://host/v1/models");
  EXPECT_THAT(openai.headers, Contains("Authorization: Bearer key"));
  const HttpRequest ollama = card_request(kOllama, endpoint("qwen"));
  EXPECT_EQ(ollama.method + " " + ollama.url, "POST http://host/v1/api/show");
  EXPECT_EQ(ollama.body, R"({"model":"qwen"})");
}

TEST(ModelCard, TellsTheContextWhereTheProviderDoes) {
  const auto gemini = read_card(kGemini, endpoint("g"), reply(R"({"inputTokenLimit":1048576})"));
  EXPECT_EQ(gemini->context_tokens, 1048576);
  const auto ollama =
      read_card(kOllama, endpoint("q"), reply(R"({"model_info":{"general.architecture":"qwen2",
                                                        "qwen2.context_length":32768}})"));
  EXPECT_EQ(ollama->context_tokens, 32768);
  const auto vllm =
      read_card(kOpenAi, endpoint("m"), reply(R"({"data":[{"id":"m","max_model_len":8192}]})"));
  EXPECT_EQ(vllm->context_tokens, 8192);
  const auto llama = read_card(kOpenAi, endpoint("m"),
                               reply(R"({"data":[{"id":"m","meta":{"n_ctx_train":4096}}]})"));
  EXPECT_EQ(llama->context_tokens, 4096);
  const auto silent = read_card(kOpenAi, endpoint("m"), reply(R"({"data":[{"id":"m"}]})"));
  EXPECT_EQ(silent->context_tokens, 0);
}

TEST(ModelCard, IsNotThereForAModelThatIsNotInTheList) {
  const auto list = reply(R"({"data":[{"id":"gpt-5"},{"id":"other"},{}]})");
  EXPECT_FALSE(read_card(kOpenAi, endpoint("gpt-5.1"), list));
  EXPECT_TRUE(read_card(kLiteLlm, endpoint("litellm_proxy/gpt-5"), list));
}

TEST(ModelCard, IsRefusedIfItIsNone) {
  for (const char* body : {"[]", "{}", "<html>", R"({"data":7})"})
    EXPECT_THROW(read_card(kOpenAi, endpoint("m"), reply(body)), Failure) << body;
  EXPECT_THROW(read_card(kGemini, endpoint("m"), reply("[]")), Failure);
}

}  // namespace
}  // namespace ryumem
