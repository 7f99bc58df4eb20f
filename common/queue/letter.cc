#include "common/queue/letter.h"

#include <cstdlib>
#include <utility>

namespace ryumem {
namespace {
constexpr std::size_t kRow = 7;  // replies per letter: see dead_list.lua
}  // namespace

std::string Letter::told_in_words() const {
  if (told == "1") return "yes";
  if (untold || told.empty() || told == "0") return "no";
  return told;
}

std::vector<Letter> read_letters(const RedisReply& reply) {
  std::vector<Letter> letters;
  const std::vector<RedisReply>& items = reply.items;
  for (std::size_t at = 0; at + kRow <= items.size(); at += kRow) {
    Letter letter;
    letter.id = items[at].text;
    letter.kind = items[at + 1].text;
    letter.cause = items[at + 2].text;
    letter.at = items[at + 3].text;
    letter.told = items[at + 4].text;
    letter.attempts = std::atoll(items[at + 5].text.c_str());
    letter.untold = items[at + 6].text == "1";
    letters.push_back(std::move(letter));
  }
  return letters;
}

}  // namespace ryumem
