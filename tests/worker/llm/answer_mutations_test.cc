// Answers that nobody would think of: good ones, changed at random. Whatever comes of it is items
// or a Failure; under the sanitizers also nothing else.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "common/base/failure.h"
#include "worker/llm/answer.h"

namespace ryumem {
namespace {

const char* const kSeeds[] = {
    R"({"entities":[{"entity":"Alice","entity_type":"PERSON"},{"entity":"東京","entity_type":"LOCATION"}]})",
    R"([{'name': "O'Neil", 'type': None}, ["a", "b"], "Bob", // x
       {entity: 'x\xe9\u00e9\ud83d\ude00', entity_type: True,},])",
    "<think>{}</"
    "think>```json\n{\"data\":\"{\\\"entities\\\":[\\\"x\\\"]}\"}\n```\n{\"a\":[1,2.5e3,null]}",
    R"({"relationships":[{"source":"I","relationship":"knows","destination":"alice","fact":"f"}]})",
};
constexpr std::string_view kPieces[] = {
    "{",   "}",       "[",        "]",   "\"",      "'",    "\\", ",", ":",    "//",       "/*",
    "```", "<think>", "</think>", "\\u", "\\ud800", "\xff", "\n", " ", "None", "entities", "0"};

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : dice_(seed) {}

  std::string change(std::string text) {
    for (std::size_t n = 1 + below(6); n > 0; --n) {
      const std::size_t at = below(text.size() + 1);
      switch (below(4)) {
        case 0:
          text.insert(at, kPieces[below(std::size(kPieces))]);
          break;
        case 1:
          text.erase(at, 1 + below(8));
          break;
        case 2:
          text.insert(at, text.substr(below(text.size() + 1), below(40)));
          break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(below(256));
      }
    }
    return text;
  }
  std::size_t below(std::size_t limit) { return dice_() % limit; }

 private:
  std::mt19937 dice_;
};

TEST(AnswerMutations, EndInItemsOrInAFailure) {
  Scoreboard board = Scoreboard::create(1);
  const Author author("I was with Alice in Tokyo.", "user_1");
  const KnownEnds ends({Entity("alice", "PERSON"), Entity("user_1", "PERSON")}, author.name,
                       author.voice);
  int read = 0;
  int refused = 0;
  Mutator mutator(20261125);
  for (int i = 0; i < 20'000; ++i) {
    const std::string answer = mutator.change(kSeeds[mutator.below(std::size(kSeeds))]);
    try {
      read_entities(answer, author, board.slot(0));
      ++read;
    } catch (const Failure& failure) {
      EXPECT_TRUE(failure.kind() == Kind::bad_answer || failure.kind() == Kind::too_long)
          << failure.what() << "\n"
          << answer;
      ++refused;
    }
    try {
      read_relationships(answer, ends, board.slot(0));
    } catch (const Failure& failure) {
      EXPECT_TRUE(failure.kind() == Kind::bad_answer || failure.kind() == Kind::too_long)
          << failure.what() << "\n"
          << answer;
    }
  }
  // The changes are neither all harmless nor all fatal, or this would test nothing.
  EXPECT_GT(read, 2000);
  EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace ryumem
