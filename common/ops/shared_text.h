// A short text in shared memory, for people: one process writes it, others read it at any time. It
// may be torn while it is written, and always ends in a zero.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

namespace ryumem {

template <std::size_t Size>
class SharedText {
 public:
  /// What is longer is cut.
  void set(std::string_view text) {
    for (std::size_t i = 0; i < Size; ++i)
      text_[i].store(i < text.size() && i + 1 < Size ? text[i] : '\0', std::memory_order_relaxed);
  }

  std::string text() const {
    std::string out;
    for (const std::atomic<char>& at : text_) {
      const char c = at.load(std::memory_order_relaxed);
      if (c == '\0') break;
      out += c;
    }
    return out;
  }

 private:
  std::array<std::atomic<char>, Size> text_;
};
static_assert(std::atomic<char>::is_always_lock_free);

}  // namespace ryumem
