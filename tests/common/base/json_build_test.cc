#include "common/base/json_build.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/base/json.h"

namespace ryumem {
namespace {

TEST(JsonBuilder, KeepsMembersInTheOrderTheyWereAdded) {
  JsonBuilder object = JsonBuilder::object();
  object.string("z", "x").integer("a", 1).boolean("m", true).null("n").boolean("f", false);
  EXPECT_EQ(object.print(), R"({"z":"x","a":1,"m":true,"n":null,"f":false})");
}

TEST(JsonBuilder, KeepsEveryInteger) {
  JsonBuilder object = JsonBuilder::object();
  object.integer("most", INT64_MAX).integer("least", INT64_MIN);
  EXPECT_EQ(object.print(), R"({"most":9223372036854775807,"least":-9223372036854775808})");
}

TEST(JsonBuilder, WritesNumbersThatReadBackTheSame) {
  for (const double value : {0.65, 0.8, 1e-7, 1.0 / 3, -123456.789, 1e300, 0.0}) {
    JsonBuilder object = JsonBuilder::object();
    object.number("x", value);
    EXPECT_EQ(JsonDocument::parse(object.print()).root()["x"].number(), value);
  }
}

TEST(JsonBuilder, WritesAnyTextSoThatItReadsBackTheSame) {
  std::string text = "quote \" slash \\ / tab \t bell \a esc \x1B del \x7F ß 東 👧 \u2028 end";
  JsonBuilder object = JsonBuilder::object();
  object.string("a\"b", text);
  const JsonDocument document = JsonDocument::parse(object.print());
  EXPECT_EQ(document.root()["a\"b"].string(), text);
}

TEST(JsonBuilder, SendsNulAsTheReplacementCharacter) {
  JsonBuilder array = JsonBuilder::array();
  array.push_string(std::string_view("a\0b\0", 4));
  EXPECT_EQ(array.print(),
            "[\"a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\"]");
}

TEST(JsonBuilder, PastesRawTextByteForByte) {
  JsonBuilder object = JsonBuilder::object();
  object.add("v", JsonBuilder::raw("[0.10, 1e-05,\n-0]")).integer("x", 1);
  EXPECT_EQ(object.print(), "{\"v\":[0.10, 1e-05,\n-0],\"x\":1}");
}

TEST(JsonBuilder, NestsArraysAndObjects) {
  JsonBuilder inner = JsonBuilder::object();
  inner.string("k", "v");
  JsonBuilder array = JsonBuilder::array();
  array.push(std::move(inner)).push_string("s").push(JsonBuilder::array());
  JsonBuilder outer = JsonBuilder::object();
  outer.add("list", std::move(array)).add("empty", JsonBuilder::object());
  EXPECT_EQ(outer.print(), R"({"list":[{"k":"v"},"s",[]],"empty":{}})");
}

TEST(JsonBuilder, MayBePrintedTwiceAndMoved) {
  JsonBuilder first = JsonBuilder::object();
  first.integer("a", 1);
  const std::string once = first.print();
  const JsonBuilder second = std::move(first);
  EXPECT_EQ(second.print(), once);
}

}  // namespace
}  // namespace ryumem
