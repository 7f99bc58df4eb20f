#include "common/base/secrets.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::size_t kShortest = 6;
constexpr std::string_view kStars = "***";

// How often each is kept; the longest first, so that no part of it is taken for another.
struct LongestFirst {
  bool operator()(const std::string& a, const std::string& b) const {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  }
};
std::map<std::string, int, LongestFirst>& kept() {
  static std::map<std::string, int, LongestFirst> values;
  return values;
}

bool is_key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
         c == '~' || c == '+' || c == '/' || c == '=';
}
bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}
bool equal_letters(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

// The end of the run of characters from `at` on that `belongs` is true of.
template <class Belongs>
std::size_t end_of(const std::string& text, std::size_t at, Belongs belongs) {
  while (at < text.size() && belongs(text[at])) ++at;
  return at;
}

// "scheme://user:password@host": all before the @.
void hide_in_urls(std::string& text) {
  for (std::size_t at = text.find("://"); at != text.npos; at = text.find("://", at + 3)) {
    const std::size_t from = at + 3;
    const std::size_t end = text.find_first_of("/?#\"'<> \t\r\n", from);
    const std::size_t last = text.rfind('@', end);
    if (last == text.npos || last < from || last >= end) continue;
    text.replace(from, last - from, kStars);
  }
}

// Words whose value is a secret, as variables, JSON members, query parameters and headers have
// them. A word counts by its end: "x-goog-api-key", "GOOGLE_API_KEY".
bool names_a_secret(std::string_view word) {
  constexpr std::string_view ends[] = {"api_key",      "api-key",    "apikey",     "internal-key",
                                       "internal_key", "password",   "passwd",     "secret",
                                       "access_token", "auth-token", "auth_token", "authorization"};
  if (equal_letters(word, "key")) return true;
  return std::any_of(std::begin(ends), std::end(ends), [word](std::string_view end) {
    return word.size() >= end.size() && equal_letters(word.substr(word.size() - end.size()), end);
  });
}

// Behind the word there must be what makes it a name: "=" or a colon; behind a colon that is no
// JSON, prose may follow, so that only a header's own form counts.
std::pair<std::size_t, std::size_t> value_behind(const std::string& text, std::size_t word,
                                                 std::size_t end) {
  constexpr std::string_view ends = "\"'\\&,;<>{}() \t\r\n";
  constexpr std::pair<std::size_t, std::size_t> none(0, 0);
  std::size_t at = end;
  const bool quoted = at < text.size() && (text[at] == '"' || text[at] == '\'');
  const bool escaped = text.compare(at, 2, "\\\"") == 0;
  if (quoted) ++at;
  if (escaped) at += 2;
  at = end_of(text, at, [](char c) { return c == ' '; });
  if (at >= text.size()) return none;
  const std::string_view name = std::string_view(text).substr(word, end - word);
  const bool header = name.find('-') != name.npos || equal_letters(name, "authorization");
  if (text[at] != '=' && !(text[at] == ':' && (quoted || escaped || header))) return none;
  std::size_t from =
      end_of(text, at + 1, [](char c) { return c == ' ' || c == '"' || c == '\'' || c == '\\'; });
  std::size_t to = std::min(text.find_first_of(ends, from), text.size());
  const std::string_view first = std::string_view(text).substr(from, to - from);
  if (equal_letters(first, "bearer") || equal_letters(first, "basic")) {
    from = end_of(text, to, [](char c) { return c == ' '; });
    to = std::min(text.find_first_of(ends, from), text.size());
  }
  return {from, to};
}

void hide_named(std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word_character(text[at])) {
      ++at;
      continue;
    }
    const std::size_t end = end_of(text, at, is_word_character);
    std::size_t next = end;
    if (names_a_secret(std::string_view(text).substr(at, end - at))) {
      const auto [from, to] = value_behind(text, at, end);
      if (from < to) {
        text.replace(from, to - from, kStars);
        next = from + kStars.size();
      }
    }
    at = next;
  }
}

// "Bearer …"; and keys as providers and the server make them.
void hide_by_shape(std::string& text) {
  struct Shape {
    std::string_view begin;
    std::size_t least;  // characters behind it
  };
  constexpr Shape shapes[] = {{"bearer ", 12}, {"sk-", 16}, {"aiza", 20}, {"ryu_", 8}};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && is_word_character(text[at - 1])) continue;
    for (const Shape& shape : shapes) {
      if (!equal_letters(std::string_view(text).substr(at, shape.begin.size()), shape.begin))
        continue;
      const std::size_t from = at + shape.begin.size();
      const std::size_t to = end_of(text, from, is_key_character);
      const bool a_word = shape.begin.back() == ' ';
      if (to - from < shape.least) continue;
      text.replace(a_word ? from : at, to - (a_word ? from : at), kStars);
      break;
    }
  }
}

}  // namespace

KeptSecret::KeptSecret(std::string value) : value_(std::move(value)) { keep_secret(value_); }

KeptSecret::KeptSecret(KeptSecret&& other) noexcept : value_(std::exchange(other.value_, {})) {}

KeptSecret::~KeptSecret() {
  const auto found = kept().find(value_);
  if (found != kept().end() && --found->second == 0) kept().erase(found);
}

void keep_secret(const std::string& value) {
  if (value.size() >= kShortest) ++kept()[value];
}

std::string without_secrets(std::string_view text) {
  std::string out(text);
  for (const auto& [value, count] : kept()) out = replace_all(out, value, kStars);
  hide_in_urls(out);
  hide_named(out);
  hide_by_shape(out);
  return out;
}

}  // namespace ryumem
