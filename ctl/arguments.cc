#include "ctl/arguments.h"

#include <charconv>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {

void misused(const std::string& what) {
  throw Failure(Kind::usage, what + "; ryumemctl --help says how");
}

const std::string& Arguments::next() {
  if (empty()) misused("something is missing at the end");
  return words_[at_++];
}

const std::string& Arguments::value_of(const std::string& flag) {
  if (empty()) misused(flag + " needs a value");
  return words_[at_++];
}

int Arguments::count_of(const std::string& flag) { return number_up_to(1000, flag); }

int Arguments::number_of(const std::string& flag) { return number_up_to(1'000'000'000, flag); }

int Arguments::number_up_to(int most, const std::string& flag) {
  const std::string& text = value_of(flag);
  int number = -1;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || number < 0 || number > most)
    misused(flag + " takes a whole number from 0 to " + std::to_string(most));
  return number;
}

void Arguments::refuse(const std::string& word) {
  misused("\"" + excerpt(word, 60) + "\" is not understood here");
}

}  // namespace ryumem
