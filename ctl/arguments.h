// The words of a command line, one after the other.
#pragma once

#include <string>
#include <vector>

namespace ryumem {

/// Throws Failure(Kind::usage) with `what`, and where to read how it is done.
[[noreturn]] void misused(const std::string& what);

class Arguments {
 public:
  explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {}

  bool empty() const { return at_ == words_.size(); }
  /// Throws Failure(Kind::usage) if there is none.
  const std::string& next();
  /// The word after `flag`. Throws Failure(Kind::usage) if there is none.
  const std::string& value_of(const std::string& flag);
  /// The same as a number from 0 to 1000.
  int count_of(const std::string& flag);
  /// The same up to a billion.
  int number_of(const std::string& flag);
  /// Throws Failure(Kind::usage): `word` means nothing here.
  [[noreturn]] static void refuse(const std::string& word);

 private:
  int number_up_to(int most, const std::string& flag);

  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

}  // namespace ryumem
