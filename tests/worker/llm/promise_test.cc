#include "worker/llm/promise.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

constexpr const char* kSchema =
    R"({"type":"object","properties":{"entities":{"type":"array","items":{"type":"object",)"
    R"("properties":{"entity":{"type":"string"},"entity_type":{"type":"string"}},)"
    R"("required":["entity","entity_type"]}}},"required":["entities"]})";
constexpr const char* kGood = R"({"entities":[{"entity":"Bob","entity_type":"PERSON"}]})";

std::optional<bool> kept(Rung rung, const std::string& answer) {
  return keeps_promise(rung, kSchema, answer);
}

TEST(Promise, OfASchemaIsTheShape) {
  for (const Rung rung : {Rung::schema, Rung::tool}) {
    EXPECT_EQ(kept(rung, kGood), true);
    EXPECT_EQ(kept(rung, R"({"entities":[]})"), true);
    EXPECT_EQ(kept(rung, R"({"entities":[],"note":"none found"})"), true);
    EXPECT_EQ(kept(rung, R"([{"entity":"Bob","entity_type":"PERSON"}])"), false);
    EXPECT_EQ(kept(rung, R"({"entities":[{"name":"Bob","type":"PERSON"}]})"), false);
    EXPECT_EQ(kept(rung, R"({"entities":["Bob"]})"), false);
    EXPECT_EQ(kept(rung, R"({"nodes":[]})"), false);
    EXPECT_EQ(kept(rung, "{}"), false);
    EXPECT_EQ(kept(rung, "```json\n" + std::string(kGood) + "\n```"), false);
    EXPECT_EQ(kept(rung, "Sure! " + std::string(kGood)), false);
  }
}

TEST(Promise, OfJsonModeIsJsonOfAnyShape) {
  EXPECT_EQ(kept(Rung::json, R"({"nodes":[]})"), true);
  EXPECT_EQ(kept(Rung::json, "```json\n{}\n```"), false);
  EXPECT_EQ(kept(Rung::json, "{'nodes': []}"), false);
}

TEST(Promise, OfNothingIsKeptByAnything) {
  EXPECT_EQ(kept(Rung::plain, "I could not find anything."), true);
}

TEST(Promise, IsNotBrokenByThoughtsBeforeTheAnswer) {
  EXPECT_EQ(kept(Rung::schema, "<think>Bob is a person.</think>" + std::string(kGood)), true);
}

TEST(Promise, IsNotJudgedByAnAnswerThatIsNone) {
  for (const char* none : {"", "I cannot help with that.", R"({"entities":[{"ent)"})
    EXPECT_EQ(kept(Rung::schema, none), std::nullopt) << none;
}

}  // namespace
}  // namespace ryumem
