#include "common/base/json.h"

#include <gtest/gtest.h>

#include "common/base/failure.h"

namespace ryumem {
namespace {

using Type = JsonValue::Type;

JsonDocument parse(std::string_view text) { return JsonDocument::parse(text); }

void expect_refused(std::string_view text) {
  try {
    parse(text);
    ADD_FAILURE() << "was taken for JSON: " << text.substr(0, 60);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::bad_answer) << failure.what();
  }
}

TEST(Json, TellsTheTypesApart) {
  const JsonDocument document =
      parse(R"({"z":null,"b":true,"i":-3,"u":18446744073709551615,"d":1.5,"s":"x","a":[],"o":{}})");
  const JsonValue root = document.root();
  EXPECT_EQ(root.type(), Type::object);
  EXPECT_EQ(root["z"].type(), Type::null);
  EXPECT_EQ(root["b"].type(), Type::boolean);
  EXPECT_EQ(root["i"].type(), Type::integer);
  EXPECT_EQ(root["u"].type(), Type::integer);
  EXPECT_EQ(root["d"].type(), Type::number);
  EXPECT_EQ(root["s"].type(), Type::string);
  EXPECT_EQ(root["a"].type(), Type::array);
  EXPECT_EQ(root["o"].type(), Type::object);
  EXPECT_EQ(root["none"].type(), Type::absent);
  EXPECT_EQ(root["s"].type_name(), "a string");
  EXPECT_EQ(root["none"].type_name(), "missing");
}

TEST(Json, GivesNothingWhenReadAsWhatItIsNot) {
  const JsonDocument document = parse(R"({"s":"1","i":1,"n":null})");
  const JsonValue root = document.root();
  EXPECT_EQ(root["s"].integer(), std::nullopt);
  EXPECT_EQ(root["s"].number(), std::nullopt);
  EXPECT_EQ(root["s"].boolean(), std::nullopt);
  EXPECT_EQ(root["i"].string(), std::nullopt);
  EXPECT_EQ(root["n"].string(), std::nullopt);
  EXPECT_EQ(root["i"]["x"].type(), Type::absent);
  EXPECT_TRUE(root["i"].items().empty());
  EXPECT_TRUE(root["i"].fields().empty());
  EXPECT_EQ(JsonValue().string(), std::nullopt);
  EXPECT_FALSE(JsonValue().has("x"));
}

TEST(Json, ReadsNumbersToTheirLimits) {
  const JsonDocument document =
      parse("[9223372036854775807,-9223372036854775808,9223372036854775808,1e3,2]");
  const std::vector<JsonValue> items = document.root().items();
  ASSERT_EQ(items.size(), 5U);
  EXPECT_EQ(items[0].integer(), INT64_MAX);
  EXPECT_EQ(items[1].integer(), INT64_MIN);
  EXPECT_EQ(items[2].integer(), std::nullopt);
  EXPECT_EQ(items[2].number(), 9223372036854775808.0);
  EXPECT_EQ(items[3].integer(), std::nullopt);
  EXPECT_EQ(items[3].number(), 1000.0);
  EXPECT_EQ(items[4].number(), 2.0);
}

TEST(Json, KeepsNulAndEscapesInsideStrings) {
  const JsonDocument document = parse(R"({"a\u0000b":"x\u0000y\ud83d\udc67\n\"\\"})");
  EXPECT_EQ(document.root()[std::string_view("a\0b", 3)].string(),
            std::string_view("x\0y👧\n\"\\", 10));
}

TEST(Json, ReadsTheLastOfEqualMembers) {
  EXPECT_EQ(parse(R"({"a":1,"b":2,"a":3})").root()["a"].integer(), 3);
}

TEST(Json, GivesItemsAndFieldsInOrder) {
  const JsonDocument document = parse(R"({"b":[1,2,3],"a":"x","":4})");
  const auto fields = document.root().fields();
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].first, "b");
  EXPECT_EQ(fields[1].first, "a");
  EXPECT_EQ(fields[1].second.string(), "x");
  EXPECT_EQ(fields[2].first, "");
  ASSERT_EQ(fields[0].second.items().size(), 3U);
  EXPECT_EQ(fields[0].second.items()[2].integer(), 3);
}

TEST(Json, StaysValidWhenTheDocumentIsMoved) {
  JsonDocument first = parse(R"({"a":"x"})");
  const JsonValue value = first.root()["a"];
  const JsonDocument second = std::move(first);
  EXPECT_EQ(value.string(), "x");
  EXPECT_EQ(second.root()["a"].string(), "x");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "nul", "NaN", "[1] [2]", "01", "\"\t\"",
        "{\"a\" 1}", "\"\\ud800\"", "\"\xFF\"", "[\"\xC3\"]", "\"open"})
    expect_refused(text);
}

TEST(Json, RefusesEndlessNesting) {
  expect_refused(std::string(10'000, '[') + std::string(10'000, ']'));
  expect_refused(std::string(1'000'000, '['));
  EXPECT_EQ(parse(std::string(500, '[') + std::string(500, ']')).root().type(), Type::array);
}

}  // namespace
}  // namespace ryumem
