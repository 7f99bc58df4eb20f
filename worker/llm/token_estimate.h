// How many tokens a call will take, in and out together, by the length of what is sent: learnt from
// what the calls before it took.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ryumem {

class TokenEstimate {
 public:
  double of(std::size_t bytes) const { return std::max(1.0, per_byte_ * length(bytes)); }
  /// An average call.
  double average() const { return average_; }

  void learn(std::size_t bytes, std::int64_t tokens) {
    calls_ = std::min(calls_ + 1, kMemory);
    const auto taken = static_cast<double>(tokens);
    // The sum of the estimates comes out right when each byte counts the same.
    tokens_ += (taken - tokens_) / calls_;
    bytes_ += (length(bytes) - bytes_) / calls_;
    per_byte_ = tokens_ / bytes_;
    average_ = tokens_;
  }

 private:
  static constexpr double kMemory = 64;

  static double length(std::size_t bytes) {
    return static_cast<double>(std::max<std::size_t>(1, bytes));
  }

  double calls_ = 0;
  double tokens_ = 0;          // of an average call
  double bytes_ = 0;           // likewise
  double per_byte_ = 1.0 / 3;  // before anything is known
  double average_ = 1000;      // likewise
};

}  // namespace ryumem
