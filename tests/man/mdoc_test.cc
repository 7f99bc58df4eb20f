#include "man/mdoc.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(Mdoc, EscapesWhatWouldBeSyntax) {
  EXPECT_EQ(mdoc_escape(R"(a\b --flag "x")"), R"(a\eb \-\-flag \(dqx\(dq)");
}

TEST(Mdoc, NamesCharactersThatAreNotAscii) {
  EXPECT_EQ(mdoc_escape("ID…"), "ID\\[u2026]");
  EXPECT_EQ(mdoc_escape("ü€😀"), "\\[u00FC]\\[u20AC]\\[u1F600]");
}

TEST(Mdoc, BeginsALineForEachSentence) {
  EXPECT_EQ(mdoc_prose("One. Two? Three"), "One.\nTwo?\nThree\n");
}

TEST(Mdoc, KeepsLinesShort) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "word ";
  const std::string out = mdoc_prose(text);
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = out.find('\n', at);
    EXPECT_LE(end - at, 80u);
    at = end + 1;
  }
}

TEST(Mdoc, ShowsADotAtTheStartOfALine) {
  EXPECT_EQ(mdoc_prose(".env 'quoted'"), "\\&.env 'quoted'\n");
  EXPECT_EQ(mdoc_literal(".Sh NAME\n"), ".Bd -literal -offset indent\n\\&.Sh NAME\n.Ed\n");
}

TEST(Mdoc, IsEmptyForNothing) { EXPECT_EQ(mdoc_prose("  "), ""); }

}  // namespace
}  // namespace ryumem
