#include "common/ops/settings_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/nearest.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::size_t kLargest = 1 << 20;

struct File {
  int fd;
  explicit File(int the_fd) : fd(the_fd) {}
  ~File() {
    if (fd >= 0) close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

[[noreturn]] void refuse(const std::string& asked_by, const std::string& path, int error) {
  const bool forbidden = error == EACCES || error == EPERM;
  throw Failure(forbidden ? Kind::permission : Kind::configuration,
                fmt::format("{} {}: cannot read it: {}; check the path and its permissions",
                            asked_by, path, std::strerror(error)));
}

std::string unquote(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    return std::string(text.substr(1, text.size() - 2));
  return std::string(text);
}

// The value of a configuration line, without its comment and its quotes.
std::string value_in(std::string_view text, const std::string& place, Mistakes& mistakes) {
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    const std::size_t end = text.find(text.front(), 1);
    const std::string_view behind =
        end == text.npos ? std::string_view() : trim(text.substr(end + 1));
    if (end != text.npos && (behind.empty() || behind.front() == '#'))
      return std::string(text.substr(1, end - 1));
    mistakes.add(Kind::configuration,
                 fmt::format("{}: the quotes around the value do not close at its end", place));
    return {};
  }
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t'))
      return std::string(trim(text.substr(0, i)));
  return std::string(text);
}

void check_heading(std::string_view text, const std::string& place,
                   const std::vector<std::string>& headings, Mistakes& mistakes) {
  const std::size_t end = text.find(']');
  const std::string_view behind =
      end == text.npos ? std::string_view("?") : trim(text.substr(end + 1));
  if (!behind.empty() && behind.front() != '#')
    return mistakes.add(Kind::configuration, fmt::format("{}: expected [SECTION]", place));
  const std::string heading(trim(text.substr(1, end - 1)));
  if (std::find(headings.begin(), headings.end(), heading) == headings.end())
    mistakes.add(Kind::configuration,
                 fmt::format("{}: there is no section [{}]{}", place, excerpt(heading, 60),
                             did_you_mean(heading, headings)));
}

// Calls `each` with every line that is neither empty nor a comment, and its place.
template <class Each>
void for_each_line(const std::string& path, const std::string& text, Each each) {
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    const std::string_view trimmed = trim(line);
    if (!trimmed.empty() && trimmed.front() != '#')
      each(trimmed, fmt::format("{}:{}", path, number));
  }
}

}  // namespace

std::string read_text_file(const std::string& asked_by, const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) refuse(asked_by, path, errno);
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = read(file.fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(asked_by, path, errno);
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > kLargest)
      throw Failure(Kind::configuration, fmt::format("{} {}: it is longer than 1 MB; is it the "
                                                     "right file?",
                                                     asked_by, path));
  }
}

bool readable_by_all(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0;
}

std::vector<SettingLine> parse_config(const std::string& path, const std::string& text,
                                      const std::vector<std::string>& headings,
                                      Mistakes& mistakes) {
  std::vector<SettingLine> lines;
  for_each_line(path, text, [&](std::string_view line, const std::string& place) {
    if (line.front() == '[') return check_heading(line, place, headings, mistakes);
    const std::size_t equal = line.find('=');
    const std::string_view name = trim(line.substr(0, equal));
    if (equal == line.npos || name.empty())
      return mistakes.add(Kind::configuration, fmt::format("{}: expected NAME = VALUE", place));
    lines.emplace_back(std::string(name), value_in(trim(line.substr(equal + 1)), place, mistakes),
                       place);
  });
  return lines;
}

std::vector<SettingLine> parse_env_file(const std::string& path, const std::string& text,
                                        Mistakes& mistakes) {
  std::vector<SettingLine> lines;
  for_each_line(path, text, [&](std::string_view line, const std::string& place) {
    if (line.rfind("export ", 0) == 0) line = trim(line.substr(7));
    const std::size_t equal = line.find('=');
    const std::string_view name = trim(line.substr(0, equal));
    if (equal == line.npos || name.empty())
      return mistakes.add(Kind::configuration, fmt::format("{}: expected NAME=VALUE", place));
    lines.emplace_back(std::string(name), unquote(trim(line.substr(equal + 1))), place);
  });
  return lines;
}

}  // namespace ryumem
