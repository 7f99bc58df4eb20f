// Everything in the handler must be safe at any point of the program, in malloc, too: no memory is
// taken, nothing is locked. backtrace_symbols_fd is made for this, once libgcc is loaded.
#include "common/base/last_words.h"

#include <execinfo.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

#include "common/base/journal_stream.h"

namespace ryumem {
namespace {

constexpr int kFrames = 64;

const char* speaker = "";
bool to_the_journal = false;
// A stack of its own: the other one may be what is full.
alignas(16) std::array<char, 65'536> spare_stack;

void say(const char* text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

void say(int number) {
  std::array<char, 12> digits{};
  std::size_t at = digits.size() - 1;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  say(&digits[at]);
}

// It was installed to be used once, so that raising the signal again has the usual effect.
void last_words(int signal) {
  const int error = errno;
  if (to_the_journal) {
    say("<");
    say(LOG_CRIT);
    say(">");
  }
  say(speaker);
  say("[");
  say(getpid());
  say("]: signal ");
  say(signal);
  say(", the stack:\n");
  std::array<void*, kFrames> frames;
  const int depth = backtrace(frames.data(), kFrames);
  backtrace_symbols_fd(frames.data(), depth, STDERR_FILENO);
  errno = error;
  raise(signal);
}

}  // namespace

void leave_last_words(const char* who) {
  speaker = who;
  to_the_journal = stderr_is_the_journal();
  std::array<void*, 1> frame;
  backtrace(frame.data(), 1);  // loads what it needs

  stack_t stack{};
  stack.ss_sp = spare_stack.data();
  stack.ss_size = spare_stack.size();
  sigaltstack(&stack, nullptr);

  struct sigaction action {};
  action.sa_handler = last_words;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
  sigfillset(&action.sa_mask);
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    if ((before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_DFL)
      sigaction(signal, &action, nullptr);
  }
}

}  // namespace ryumem
