#include "common/base/journal_stream.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace ryumem {

bool stderr_is_the_journal() noexcept {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  char* colon = nullptr;
  constexpr int kDecimal = 10;
  const unsigned long long device = std::strtoull(stream, &colon, kDecimal);
  if (*colon != ':') return false;
  char* end = nullptr;
  const unsigned long long inode = std::strtoull(colon + 1, &end, kDecimal);
  return *end == '\0' && device == status.st_dev && inode == status.st_ino;
}

std::string journal_prefix(int severity) {
  return stderr_is_the_journal() ? fmt::format("<{}>", severity) : "";
}

}  // namespace ryumem
