#include "man/mdoc.h"

#include <fmt/format.h>

#include <vector>

#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::size_t kWidth = 74;

// The code point that begins at `at`, which is moved behind it. The text is well-formed UTF-8.
unsigned code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at++);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  unsigned point = first & (0x3FU >> more);
  for (int i = 0; i < more && at < text.size(); ++i) point = point << 6 | (byte(at++) & 0x3FU);
  return point;
}

// A dot or an apostrophe at the start of a line would make it a request.
std::string as_line(const std::string& line) {
  return line[0] == '.' || line[0] == '\'' ? "\\&" + line + "\n" : line + "\n";
}

bool ends_sentence(const std::string& word) {
  return word.size() > 1 && (word.back() == '.' || word.back() == '?' || word.back() == '!');
}

}  // namespace

std::string mdoc_escape(std::string_view text) {
  const std::string good = well_formed(text);
  std::string out;
  for (std::size_t at = 0; at < good.size();) {
    const unsigned point = code_point(good, at);
    if (point == '\\')
      out += "\\e";
    else if (point == '-')
      out += "\\-";
    else if (point == '"')
      out += "\\(dq";
    else if (point < 0x80)
      out += static_cast<char>(point);
    else
      out += fmt::format("\\[u{:04X}]", point);
  }
  return out;
}

std::string mdoc_prose(std::string_view text) {
  std::string out;
  std::string line;
  for (const std::string& word : split(text, ' ')) {
    if (word.empty()) continue;
    const std::string escaped = mdoc_escape(word);
    if (!line.empty() && line.size() + 1 + escaped.size() > kWidth) {
      out += as_line(line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + escaped;
    if (ends_sentence(word)) {
      out += as_line(line);
      line.clear();
    }
  }
  if (!line.empty()) out += as_line(line);
  return out;
}

std::string mdoc_literal(std::string_view lines) {
  std::string out = ".Bd -literal -offset indent\n";
  for (const std::string& line : split(lines, '\n'))
    if (!line.empty()) out += as_line(mdoc_escape(line));
  return out + ".Ed\n";
}

}  // namespace ryumem
