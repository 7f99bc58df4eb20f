#include "common/base/segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Segments, OfCharactersAreWhatReadersTakeForOne) {
  // A letter with its accent, a family of three, a flag, a letter.
  const std::string text = "e\u0301\U0001F468\u200D\U0001F469\u200D\U0001F467\U0001F1EB\U0001F1F7x";
  EXPECT_THAT(bounds_of(text, Segment::character), ElementsAre(3, 21, 29, 30));
  EXPECT_THAT(bounds_of("नि", Segment::character), ElementsAre(6));
}

TEST(Segments, OfSentencesEndWhereSentencesDo) {
  EXPECT_THAT(bounds_of("It is 3.5 m. Is it?\nYes", Segment::sentence), ElementsAre(13, 20, 23));
  EXPECT_THAT(bounds_of("你好。再见。", Segment::sentence), ElementsAre(9, 18));
}

TEST(Segments, OfNothingAreNone) { EXPECT_THAT(bounds_of("", Segment::sentence), IsEmpty()); }

TEST(FirstCharacters, AreNeverPartOfOne) {
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
  EXPECT_EQ(first_characters(family + family + "x", 1), family);
  EXPECT_EQ(first_characters("abc", 2), "ab");
  EXPECT_EQ(first_characters("abc", 3), "abc");
  EXPECT_EQ(first_characters("e\u0301x", 1), "e\u0301");
  EXPECT_EQ(first_characters("", 5), "");
}

}  // namespace
}  // namespace ryumem
