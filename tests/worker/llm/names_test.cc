#include "worker/llm/names.h"

#include <gtest/gtest.h>

namespace ryumem {
namespace {

TEST(NormalName, IsPythonsLowerWithBlanksAsUnderscores) {
  EXPECT_EQ(normal_name("Ada Lovelace"), "ada_lovelace");
  EXPECT_EQ(normal_name("a  b"), "a__b");
  EXPECT_EQ(normal_name("ÉCOLE Straße İ"), "école_straße_i\u0307");
  EXPECT_EQ(normal_name("ΟΔΟΣ"), "οδος");
  EXPECT_EQ(normal_name("a\tb"), "a\tb");
}

TEST(NormalType, IsPythonsUpperWithBlanksAsUnderscores) {
  EXPECT_EQ(normal_type("works at"), "WORKS_AT");
  EXPECT_EQ(normal_type("straße"), "STRASSE");
}

TEST(LooseName, IsTheSameForWhatIsCalledTheSame) {
  EXPECT_EQ(loose_name("The  Louvre"), loose_name("louvre"));
  EXPECT_EQ(loose_name("ada_lovelace"), loose_name("“Ada-Lovelace”"));
  EXPECT_EQ(loose_name("Anna's"), loose_name("anna"));
  EXPECT_EQ(loose_name("Dr. Müller"), loose_name("MÜLLER"));
  EXPECT_EQ(loose_name("STRASSE"), loose_name("straße"));
  EXPECT_EQ(loose_name("ＮＡＳＡ"), loose_name("nasa"));
  EXPECT_EQ(loose_name("田中さん"), loose_name("田中"));
  EXPECT_EQ(loose_name("김민수씨"), loose_name("김민수"));
}

TEST(LooseName, KeepsWhatMakesNamesDiffer) {
  EXPECT_NE(loose_name("C"), loose_name("C++"));
  EXPECT_NE(loose_name("C++"), loose_name("C#"));
  EXPECT_NE(loose_name("Anna Müller"), loose_name("Anna Muller"));
  EXPECT_NE(loose_name("type 1"), loose_name("type 2"));
  EXPECT_EQ(loose_name("The"), "the");
  EXPECT_EQ(loose_name("?!"), "");
}

}  // namespace
}  // namespace ryumem
