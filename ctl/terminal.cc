#include "ctl/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "common/base/failure.h"
#include "ctl/columns.h"

namespace ryumem {
namespace {

// The other screen, without a cursor; and back.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[0m\x1b[?1049l";

constexpr int kFatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGQUIT};

termios before;
volatile std::sig_atomic_t entered = 0;

// Only what a signal handler may call.
void restore() noexcept {
  if (entered == 0) return;
  entered = 0;
  if (write(STDOUT_FILENO, kLeave.data(), kLeave.size()) < 0) {
    // Nothing can be done about it.
  }
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

extern "C" void restore_and_die(int number) {
  restore();
  std::signal(number, SIG_DFL);
  raise(number);
}

std::string_view sequence(Tone tone) {
  switch (tone) {
    case Tone::strong:
      return "\x1b[1m";
    case Tone::quiet:
      return "\x1b[2m";
    case Tone::head:
      return "\x1b[7m";
    case Tone::good:
      return "\x1b[32m";
    case Tone::bad:
      return "\x1b[1;31m";
    case Tone::warn:
      return "\x1b[33m";
    default:
      return "";
  }
}

void put_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw Failure(Kind::system, std::string("the terminal: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string painted_line(const Line& line, std::size_t columns, bool colours) {
  std::string out;
  for (const Span& piece : line) {
    // A head is a bar: it fills the line.
    const std::string text =
        piece.tone == Tone::head ? padded_to(piece.text, columns) : cut_to(piece.text, columns);
    columns -= columns_of(text);
    const bool bare = piece.tone == Tone::plain || (!colours && piece.tone != Tone::head);
    if (bare)
      out += text;
    else
      out += std::string(sequence(piece.tone)) + text + "\x1b[0m";
  }
  return out;
}

}  // namespace

std::string painted(const std::vector<Line>& lines, ScreenSize size, bool colours) {
  std::string out = "\x1b[H";
  for (std::size_t i = 0; i < lines.size() && i < size.rows; ++i) {
    if (i > 0) out += "\r\n";
    out += painted_line(lines[i], size.columns, colours) + "\x1b[K";
  }
  return lines.size() < size.rows ? out + "\x1b[J" : out;
}

Terminal::Terminal() : colours_(std::getenv("NO_COLOR") == nullptr) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
    throw Failure(Kind::usage, "top needs a terminal; ryumemctl status does without");
  static const bool kOnce = [] {
    std::atexit([] { restore(); });
    for (const int number : kFatal) std::signal(number, restore_and_die);
    return true;
  }();
  (void)kOnce;
  enter();
}

Terminal::~Terminal() { restore(); }

void Terminal::leave() noexcept { restore(); }

void Terminal::enter() {
  if (tcgetattr(STDIN_FILENO, &before) != 0)
    throw Failure(Kind::system, std::string("the terminal: ") + std::strerror(errno));
  termios raw = before;
  // Keys one by one and unseen; Ctrl-C and Ctrl-Z stay signals.
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  entered = 1;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
  put_all(kEnter);
}

ScreenSize Terminal::size() const {
  winsize found{};
  ScreenSize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) != 0) return size;
  if (found.ws_col > 0) size.columns = found.ws_col;
  if (found.ws_row > 0) size.rows = found.ws_row;
  return size;
}

void Terminal::show(const std::vector<Line>& lines) { put_all(painted(lines, size(), colours_)); }

std::optional<std::string> Terminal::typed() {
  char bytes[64];
  const ssize_t count = read(STDIN_FILENO, bytes, sizeof(bytes));
  if (count > 0) return std::string(bytes, static_cast<std::size_t>(count));
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return "";
  return std::nullopt;
}

}  // namespace ryumem
