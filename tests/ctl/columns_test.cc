#include "ctl/columns.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(Columns, AreCountedAsATerminalShowsThem) {
  EXPECT_EQ(columns_of(""), 0u);
  EXPECT_EQ(columns_of("Zoë"), 3u);
  EXPECT_EQ(columns_of("日本"), 4u);
  EXPECT_EQ(columns_of("e\u0301"), 1u);
  EXPECT_EQ(columns_of("\xFF"), 1u);
}

TEST(Columns, AreCutBetweenCharacters) {
  EXPECT_EQ(cut_to("Zoë", 3), "Zoë");
  EXPECT_EQ(cut_to("Zoë!", 3), "Zo…");
  EXPECT_EQ(cut_to("日本語", 4), "日…");
  EXPECT_EQ(cut_to("日本語", 6), "日本語");
  EXPECT_EQ(cut_to("abc", 0), "");
  EXPECT_EQ(cut_to("abc", 1), "…");
}

TEST(Columns, AreFilledWithBlanks) {
  EXPECT_EQ(padded_to("ab", 4), "ab  ");
  EXPECT_EQ(padded_to("日本語", 4), "日… ");
  EXPECT_EQ(padded_to("abcdef", 4), "abc…");
}

}  // namespace
}  // namespace ryumem
