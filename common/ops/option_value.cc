#include "common/ops/option_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::string_view kTrue[] = {"true", "1", "yes", "on"};
constexpr std::string_view kFalse[] = {"false", "0", "no", "off"};

int parse_int(const Option& option, const std::string& source, const std::string& value) {
  int number = 0;
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || at != end || number < option.least || number > option.most)
    bad_value(source, value, wanted_by(option));
  return number;
}

bool parse_bool(const Option& option, const std::string& source, const std::string& value) {
  const std::string word = lower(value);
  for (const std::string_view yes : kTrue)
    if (word == yes) return true;
  for (const std::string_view no : kFalse)
    if (word == no) return false;
  bad_value(source, value, wanted_by(option));
}

std::string parse_text(const Option& option, const std::string& source, const std::string& value) {
  if (value.find('\0') != value.npos)
    throw Failure(Kind::configuration, fmt::format("{}: there is a NUL byte in it", source));
  const bool known = option.words.empty() || std::find(option.words.begin(), option.words.end(),
                                                       value) != option.words.end();
  if (!known) bad_value(source, value, wanted_by(option));
  return value;
}

}  // namespace

void bad_value(const std::string& source, const std::string& value, const std::string& wanted) {
  throw Failure(Kind::configuration,
                fmt::format("{}: \"{}\" is not {}", source, excerpt(value, 60), wanted));
}

std::string wanted_by(const Option& option) {
  if (!option.words.empty()) return fmt::format("one of: {}", fmt::join(option.words, ", "));
  if (std::holds_alternative<bool Settings::*>(option.member)) return "true or false";
  if (std::holds_alternative<std::string Settings::*>(option.member)) return {};
  return fmt::format("a whole number from {} to {}", option.least, option.most);
}

void set_value(Settings& settings, const Option& option, const std::string& source,
               const std::string& value) {
  std::visit(
      [&](auto member) {
        using Value = std::remove_reference_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<Value, int>)
          settings.*member = parse_int(option, source, value);
        else if constexpr (std::is_same_v<Value, Seconds>)
          settings.*member = Seconds(parse_int(option, source, value));
        else if constexpr (std::is_same_v<Value, bool>)
          settings.*member = parse_bool(option, source, value);
        else
          settings.*member = parse_text(option, source, value);
      },
      option.member);
}

std::string value_of(const Settings& settings, const Option& option) {
  return std::visit(
      [&](auto member) -> std::string {
        using Value = std::remove_cvref_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<Value, int>)
          return std::to_string(settings.*member);
        else if constexpr (std::is_same_v<Value, Seconds>)
          return std::to_string((settings.*member).count());
        else if constexpr (std::is_same_v<Value, bool>)
          return settings.*member ? "true" : "false";
        else
          return settings.*member;
      },
      option.member);
}

}  // namespace ryumem
