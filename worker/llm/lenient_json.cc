#include "worker/llm/lenient_json.h"

#include <fmt/format.h>
#include <unicode/utf16.h>

#include <cstdint>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr int kDeepest = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// As JSON writes numbers: -1, 0.5, 1e9; not 01, +1 or .5.
bool is_number(std::string_view word) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < word.size() && is_digit(word[at])) ++at;
    return at - from;
  };
  if (at < word.size() && word[at] == '-') ++at;
  const bool zero = at < word.size() && word[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at < word.size() && word[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < word.size() && (word[at] == 'e' || word[at] == 'E')) {
    ++at;
    if (at < word.size() && (word[at] == '+' || word[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == word.size();
}

class Reader {
 public:
  Reader(std::string_view text, std::size_t at, Repairs& repairs)
      : text_(text), at_(at), repairs_(repairs) {}

  LenientValue run() {
    value();
    LenientValue read;
    read.json = std::move(out_);
    read.end = at_;
    return read;
  }

 private:
  [[noreturn]] void unfinished() const {
    throw Failure(Kind::too_long, "the answer breaks off before its end");
  }
  [[noreturn]] void broken(const char* what) const {
    throw Failure(Kind::bad_answer, fmt::format("not JSON: {} at byte {}", what, at_));
  }

  // The next character that is neither blank nor in a comment; the text must not end before.
  char peek() {
    for (;;) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      if (at_ == text_.size()) unfinished();
      if (!skip_comment()) return text_[at_];
    }
  }
  bool skip_comment() {
    const std::string_view rest = text_.substr(at_);
    std::size_t end = std::string_view::npos;
    if (rest.starts_with("//") || rest.starts_with("#"))
      end = rest.find('\n');
    else if (rest.starts_with("/*"))
      end = rest.find("*/", 2);
    else
      return false;
    if (end == std::string_view::npos) unfinished();
    at_ += end + (rest[0] == '/' && rest[1] == '*' ? 2 : 1);
    repairs_.insert(Repair::comment);
    return true;
  }

  void value() {
    switch (peek()) {
      case '{':
        return list('}', true);
      case '[':
        return list(']', false);
      case '"':
      case '\'':
        return string();
      default:
        return word(false);
    }
  }

  // What an object or an array holds, up to its `close`.
  void list(char close, bool keys) {
    if (++depth_ > kDeepest) broken("too many levels");
    out_ += text_[at_++];
    for (bool first = true;; first = false) {
      bool comma = false;
      while (peek() == ',') {
        if (first || comma) repairs_.insert(Repair::comma);
        comma = true;
        ++at_;
      }
      if (text_[at_] == close) {
        if (comma) repairs_.insert(Repair::comma);
        break;
      }
      if (!first) {
        if (!comma) missing_comma();
        out_ += ',';
      }
      if (keys) key();
      value();
    }
    out_ += text_[at_++];
    --depth_;
  }

  // Between two objects a comma may be missing: there is no doubt where one ends.
  void missing_comma() {
    if (text_[at_] != '{' || out_.back() != '}') broken("a comma is missing");
    repairs_.insert(Repair::comma);
  }

  void key() {
    const char c = peek();
    if (c == '"' || c == '\'')
      string();
    else
      word(true);
    if (peek() != ':') broken("a colon is missing");
    out_ += ':';
    ++at_;
  }

  void word(bool is_key) {
    const std::size_t from = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' ||
            text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.' || text_[at_] == '$'))
      ++at_;
    const std::string_view word = text_.substr(from, at_ - from);
    if (word.empty()) broken("something else is");
    if (at_ == text_.size()) unfinished();
    if (is_key) {
      repairs_.insert(Repair::literal);
      (out_ += '"').append(word) += '"';
    } else if (word == "true" || word == "false" || word == "null" || is_number(word)) {
      out_ += word;
    } else {
      repairs_.insert(Repair::literal);
      out_ += literal(word);
    }
  }

  const char* literal(std::string_view word) const {
    const std::string small = lower(word);
    if (small == "true") return "true";
    if (small == "false") return "false";
    for (const char* nothing : {"null", "none", "nil", "undefined", "nan", "-nan", "infinity",
                                "-infinity", "inf", "-inf"})
      if (small == nothing) return "null";
    broken("an unknown word is before this");
  }

  void string() {
    const char quote = text_[at_++];
    if (quote == '\'') repairs_.insert(Repair::literal);
    out_ += '"';
    for (;;) {
      if (at_ == text_.size()) unfinished();
      const char c = text_[at_++];
      if (c == quote) break;
      if (c == '\\')
        escape();
      else
        character(c);
    }
    out_ += '"';
  }

  void character(char c) {
    if (c == '"' || c == '\\') {
      (out_ += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20U) {
      repairs_.insert(Repair::characters);
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out_ += c;
    }
  }

  void escape() {
    if (at_ == text_.size()) unfinished();
    const char c = text_[at_++];
    if (c == 'u') {
      if (const auto code = hex(4)) return unicode(*code);
    } else if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
      (out_ += '\\') += c;
      return;
    }
    repairs_.insert(Repair::characters);
    if (c == '\'' || c == '\n') {  // Python's: the quote, and a line that goes on
      if (c == '\'') out_ += c;
    } else if (const auto code = c == 'x' ? hex(2) : std::nullopt) {
      out_ += fmt::format("\\u{:04x}", *code);
    } else {
      out_ += "\\\\";  // a path such as C:\data
      character(c);
    }
  }

  void unicode(std::uint32_t code) {
    if (U16_IS_LEAD(code) && text_.substr(at_, 2) == "\\u") {
      const std::size_t back = at_;
      at_ += 2;
      const auto trail = hex(4);
      if (trail && U16_IS_TRAIL(*trail)) {
        out_ += fmt::format("\\u{:04x}\\u{:04x}", code, *trail);
        return;
      }
      at_ = back;
    }
    if (U16_IS_SURROGATE(code)) {
      repairs_.insert(Repair::characters);
      code = 0xFFFD;
    }
    out_ += fmt::format("\\u{:04x}", code);
  }

  // So many hex digits, or nothing, and then nothing is taken.
  std::optional<std::uint32_t> hex(std::size_t digits) {
    std::uint32_t code = 0;
    if (text_.size() - at_ < digits) return std::nullopt;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = text_[at_ + i];
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
      const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    at_ += digits;
    return code;
  }

  std::string_view text_;
  std::size_t at_;
  Repairs& repairs_;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

LenientValue read_lenient(std::string_view text, std::size_t at, Repairs& repairs) {
  return Reader(text, at, repairs).run();
}

}  // namespace ryumem
