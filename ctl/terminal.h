// A terminal as one screen of its own: the other contents come back when it is left, however that
// is. Plain ECMA-48 sequences that every terminal of today knows (decision record 0019).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ryumem {

enum class Tone { plain, strong, quiet, head, good, bad, warn };

/// A piece of a line, in one tone.
struct Span {
  std::string text;
  Tone tone = Tone::plain;
  Span(std::string the_text, Tone the_tone = Tone::plain)
      : text(std::move(the_text)), tone(the_tone) {}
};
using Line = std::vector<Span>;

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// The bytes that show these lines on a screen of this size: cut at its edges, the rest of it
/// empty.
std::string painted(const std::vector<Line>& lines, ScreenSize size, bool colours);

class Terminal {
 public:
  /// Takes standard input and output. Throws Failure(Kind::usage) if they are no terminal. There
  /// may be one at a time. A fatal signal and exit() leave it, too.
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  ScreenSize size() const;
  void show(const std::vector<Line>& lines);
  /// What has been typed, when there is something to read; nothing if the terminal is gone.
  std::optional<std::string> typed();

  /// Gives the terminal back, and takes it again: around a stop by Ctrl-Z.
  void leave() noexcept;
  void enter();

 private:
  bool colours_;
};

}  // namespace ryumem
