#include "common/base/printable.h"

#include <gtest/gtest.h>

#include "common/base/json.h"

namespace ryumem {
namespace {

TEST(Printable, LeavesWhatPeopleWriteAsItIs) {
  const std::string text = "Zoë said \"¡hola!\" to 山田 👋🏽 – 100%";
  EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesWhatWouldBeAnotherLineOrAnOrderToATerminal) {
  EXPECT_EQ(printable("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(printable("\x1b[2J\x07\x7f"), "\\x1b[2J\\x07\\x7f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b");               // C1: a terminal may take it for ESC [
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u{202e}");       // from right to left
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u{2028}");       // a line separator
  EXPECT_EQ(printable("\xf3\xa0\x81\x81"), "\\u{e0041}");  // a letter that nobody sees
}

TEST(Printable, ShowsBytesThatAreNoText) { EXPECT_EQ(printable("a\xff\xc3"), "a\\xff\\xc3"); }

TEST(Printable, HasNoEscapesButItsOwn) { EXPECT_EQ(printable("a\\nb"), "a\\\\nb"); }

TEST(JsonQuoted, IsReadAsWhatItWas) {
  for (const std::string& text :
       {std::string("plain"), std::string("a\n\"b\"\\ \t\x01"), std::string("Zoë 山田 👋🏽"),
        std::string("\xe2\x80\xae\xf3\xa0\x81\x81"), std::string("a\0b", 3)}) {
    const std::string json = "{\"a\":" + json_quoted(text) + "}";
    const JsonDocument document = JsonDocument::parse(json);
    EXPECT_EQ(document.root()["a"].string(), text) << json;
    EXPECT_EQ(json.find('\n'), std::string::npos);
  }
}

TEST(JsonQuoted, HasAReplacementForBytesThatAreNoText) {
  EXPECT_EQ(json_quoted("a\xff"), "\"a\\ufffd\"");
}

}  // namespace
}  // namespace ryumem
