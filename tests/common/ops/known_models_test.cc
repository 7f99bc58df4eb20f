#include "common/ops/known_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Settings settings(const std::string& provider, const std::string& llm,
                  const std::string& embedding) {
  Settings out;
  out.llm_provider = out.embedding_provider = provider;
  out.llm_model = llm;
  out.embedding_model = embedding;
  out.openai_url = "https://api.openai.com/v1";
  return out;
}

TEST(KnownModels, TheDefaultsAreAliveAndEachProviderHasThem) {
  ASSERT_EQ(known_providers().size(), 4u);
  for (const ProviderDefaults& row : known_providers()) {
    EXPECT_EQ(retired_model(row.llm_model), nullptr) << row.llm_model;
    EXPECT_EQ(retired_model(row.embedding_model), nullptr) << row.embedding_model;
    EXPECT_GT(row.dimensions, 0);
  }
}

TEST(KnownModels, WhatReplacesAModelIsItselfAlive) {
  for (const char* name : {"gemini-2.0-flash-exp", "text-embedding-004", "gpt-4", "gemini-2.5-pro",
                           "gemini-3-pro-preview", "gpt-4o-mini"}) {
    const RetiredModel* model = retired_model(name);
    ASSERT_NE(model, nullptr) << name;
    EXPECT_EQ(retired_model(model->replacement), nullptr) << name;
  }
}

TEST(KnownModels, APrefixDoesNotHideAModel) {
  EXPECT_NE(retired_model("models/text-embedding-004"), nullptr);
  EXPECT_NE(retired_model("litellm_proxy/openai/gpt-4"), nullptr);
  EXPECT_EQ(retired_model("gpt-4-of-my-own"), nullptr);
  EXPECT_EQ(retired_model(""), nullptr);
}

TEST(KnownModels, ThePeersDefaultsAreWarnedOfWithTheirReplacements) {
  const Settings old = settings("gemini", "gemini-2.0-flash-exp", "text-embedding-004");
  EXPECT_THAT(
      model_warnings(old, "2026-11-25"),
      ElementsAre(AllOf(HasSubstr("LLM_MODEL: gemini-2.0-flash-exp was shut down on 2026-01-31"),
                        HasSubstr("use gemini-3.5-flash-lite")),
                  AllOf(HasSubstr("EMBEDDING_MODEL"), HasSubstr("use gemini-embedding-001"),
                        HasSubstr("docs/providers.md"))));
}

TEST(KnownModels, AModelThatIsGoingIsWarnedOfBeforeItsLastDay) {
  const Settings going = settings("openai", "gpt-4o", "text-embedding-3-large");
  EXPECT_THAT(model_warnings(going, "2027-01-13"), ElementsAre(HasSubstr("will be shut down on")));
  EXPECT_THAT(model_warnings(going, "2027-01-14"), ElementsAre(HasSubstr("was shut down on")));
}

TEST(KnownModels, WhatRunsOnServersOfOnesOwnIsNotWarnedOf) {
  EXPECT_THAT(model_warnings(settings("ollama", "gpt-4", "text-embedding-004"), "2026-11-25"),
              IsEmpty());
  Settings own = settings("openai", "gpt-4", "x");
  own.openai_url = "http://vllm:8000/v1";
  EXPECT_THAT(model_warnings(own, "2026-11-25"), IsEmpty());
}

}  // namespace
}  // namespace ryumem
