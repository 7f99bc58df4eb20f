#include "worker/llm/pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "worker/llm/tokens.h"

namespace ryumem {
namespace {

using testing::ElementsAre;

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

bool begins_a_character(const std::string& text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

bool is_utf8(const std::string& text) { return text[0] != '\xff'; }

// All of the text is in the pieces, none is too long, and each goes on further than the last.
void expect_all_of(const std::string& text, const std::vector<Piece>& pieces, std::size_t most) {
  ASSERT_FALSE(pieces.empty());
  EXPECT_EQ(pieces.front().from, 0u);
  EXPECT_EQ(pieces.back().to, text.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_LE(estimate_tokens(pieces[i].of(text)), most);
    EXPECT_TRUE(begins_a_character(text, pieces[i].from) || !is_utf8(text));
    if (i == 0) continue;
    EXPECT_LE(pieces[i].from, pieces[i - 1].to);
    EXPECT_GT(pieces[i].from, pieces[i - 1].from);
    EXPECT_GT(pieces[i].to, pieces[i - 1].to);
  }
}

struct Sample {
  const char* name;
  std::string text;
};
const Sample kSamples[] = {
    {"english", repeated("Anna met Boris in Paris. Was it good? It was!\n", 200)},
    {"one sentence", repeated("word ", 3000)},
    {"one word", repeated("x", 9000)},
    {"chinese", repeated("我昨天在北京见到了王先生。他很高兴。", 200)},
    {"japanese", repeated("私は東京に住んでいます。田中さんと会いました。", 200)},
    {"thai", repeated("สวัสดีครับผมชื่อสมชาย", 300)},
    {"arabic", repeated("قابلت أحمد في القاهرة. كان سعيدا. ", 200)},
    {"families", repeated("\U0001F468\u200D\U0001F469\u200D\U0001F467", 300)},
    {"blank", repeated(" \n", 5000)},
    {"not utf-8", repeated("\xff\xfe\x80 abc. ", 500)},
};

TEST(Pieces, AreTogetherAllOfTheTextInEveryScript) {
  for (const Sample& sample : kSamples)
    for (const std::size_t most : {50, 200, 1000}) {
      SCOPED_TRACE(sample.name);
      expect_all_of(sample.text, pieces_of(sample.text, most), most);
      EXPECT_EQ(pieces_of(sample.text, most), pieces_of(sample.text, most));
    }
}

TEST(Pieces, OfATextThatFitsAreOne) {
  EXPECT_THAT(pieces_of("Anna met Boris.", 1000), ElementsAre(Piece(0, 15)));
  EXPECT_THAT(pieces_of("", 1000), ElementsAre(Piece(0, 0)));
}

TEST(Pieces, AreCutBetweenSentencesAndSayALittleAgain) {
  const std::string sentence = "Anna met Boris in Paris. ";
  const std::string text = repeated(sentence, 40);
  const std::vector<Piece> pieces = pieces_of(text, 100);
  EXPECT_GT(pieces.size(), 2u);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i].from % sentence.size(), 0u);
    EXPECT_EQ(pieces[i].to % sentence.size(), 0u);
    if (i == 0) continue;
    EXPECT_EQ(pieces[i].from + sentence.size(), pieces[i - 1].to);
  }
}

TEST(Halves, AreSmallerAndTogetherAllOfThePiece) {
  for (const Sample& sample : kSamples) {
    SCOPED_TRACE(sample.name);
    Piece piece(0, sample.text.size());
    int depth = 0;
    for (;; ++depth) {
      const auto halves = halves_of(sample.text, piece);
      if (!halves) break;
      ASSERT_LT(depth, 40);
      const auto& [one, other] = *halves;
      EXPECT_EQ(one.from, piece.from);
      EXPECT_EQ(other.to, piece.to);
      EXPECT_LE(other.from, one.to);
      EXPECT_LT(one.to, piece.to);
      EXPECT_GT(other.from, piece.from);
      EXPECT_TRUE(begins_a_character(sample.text, one.to) || !is_utf8(sample.text));
      piece = depth % 2 == 0 ? one : other;
    }
  }
}

TEST(Halves, OfAFewSentencesAreNotWorthIt) {
  EXPECT_FALSE(halves_of("Anna met Boris in Paris. Boris was glad.", Piece(0, 40)));
  EXPECT_FALSE(halves_of("", Piece(0, 0)));
}

}  // namespace
}  // namespace ryumem
