#include "worker/llm/json_rescue.h"

#include <optional>
#include <vector>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::size_t kLongest = 16U << 20U;  // bytes of an answer
constexpr std::string_view kOpen[] = {"<think>", "<thinking>", "<reasoning>"};
constexpr std::string_view kClose[] = {"</think>", "</thinking>", "</reasoning>"};
constexpr std::string_view kMark = "\xEF\xBB\xBF";  // the byte order mark

// Behind the model's thoughts. Only at the start: inside of JSON such a word is text. Some servers
// swallow the opening one.
std::string_view without_thoughts(std::string_view text, Repairs& repairs) {
  for (std::size_t i = 0; i < std::size(kOpen); ++i) {
    const bool opened = text.starts_with(kOpen[i]);
    if (!opened && (text.empty() || std::string_view("{[`\"'").find(text[0]) != text.npos))
      continue;
    const std::size_t end = opened ? text.find(kClose[i]) : text.rfind(kClose[i]);
    if (end == std::string_view::npos) {
      if (opened) throw Failure(Kind::too_long, "the answer breaks off in the model's thoughts");
      continue;
    }
    repairs.insert(Repair::thoughts);
    return trim(text.substr(end + kClose[i].size()));
  }
  return text;
}

// What is between lines that begin with three backticks; the last fence may be open. In JSON
// strings a line never begins, so none is found inside of one.
std::vector<std::string_view> fenced(std::string_view text) {
  std::vector<std::string_view> found;
  std::optional<std::size_t> from;
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t end = std::min(text.find('\n', line), text.size());
    if (trim(text.substr(line, end - line)).starts_with("```")) {
      if (from) found.push_back(text.substr(*from, line - *from));
      from = from ? std::nullopt : std::optional<std::size_t>(std::min(end + 1, text.size()));
    }
    line = end + 1;
  }
  if (from) found.push_back(text.substr(*from));
  return found;
}

// Does JSON begin at this bracket, rather than a footnote [1] or a {placeholder}?
bool looks_like_json(std::string_view text, std::size_t at) {
  const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
  if (next == std::string_view::npos) return true;
  const std::string_view rest = text.substr(next);
  if (text[at] == '[') return std::string_view("{[\"']").find(rest[0]) != std::string_view::npos;
  if (std::string_view("\"'}").find(rest[0]) != std::string_view::npos) return true;
  if (rest.starts_with("//") || rest.starts_with("/*")) return true;
  const std::size_t end =
      rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
  return end != 0 && end != std::string_view::npos && rest[end] == ':';
}

// All values in `text`, as JSON.
void collect(std::string_view text, std::vector<std::string>& values, Repairs& repairs) {
  std::size_t behind = 0;  // the end of the last value
  for (std::size_t at = text.find_first_of("{["); at != std::string_view::npos;
       at = text.find_first_of("{[", at)) {
    if (!looks_like_json(text, at)) {
      ++at;
      continue;
    }
    LenientValue value = read_lenient(text, at, repairs);
    if (text.substr(behind, at - behind).find_first_not_of(" \t\r\n,;") != std::string_view::npos)
      repairs.insert(Repair::prose);
    values.push_back(std::move(value.json));
    at = behind = value.end;
  }
  if (!values.empty() && text.substr(behind).find_first_not_of(" \t\r\n,;") != text.npos)
    repairs.insert(Repair::prose);
}

std::optional<JsonDocument> strictly(std::string_view text) {
  try {
    return JsonDocument::parse(text);
  } catch (const Failure&) {
    return std::nullopt;
  }
}

}  // namespace

JsonDocument rescue_json(std::string_view answer, Repairs& repairs) {
  if (answer.size() > kLongest)
    throw Failure(Kind::bad_answer, "the answer has " + std::to_string(answer.size()) + " bytes");
  if (auto document = strictly(answer)) return std::move(*document);
  const std::string clean = well_formed(answer);
  if (clean != answer) repairs.insert(Repair::characters);
  std::string_view text = trim(clean);
  if (text.starts_with(kMark)) text = trim(text.substr(kMark.size()));
  text = without_thoughts(text, repairs);

  std::vector<std::string> values;
  for (const std::string_view part : fenced(text)) collect(part, values, repairs);
  if (values.empty())
    collect(text, values, repairs);
  else
    repairs.insert(Repair::fence);
  // A string with JSON in it, in quotes that JSON does not have.
  if (values.empty() && !text.empty() && (text[0] == '"' || text[0] == '\''))
    values.push_back(read_lenient(text, 0, repairs).json);
  if (values.empty()) throw Failure(Kind::bad_answer, "there is no JSON in the answer");
  if (values.size() == 1) return JsonDocument::parse(values[0]);
  repairs.insert(Repair::several);
  std::string all;
  for (const std::string& value : values) all += (all.empty() ? "[" : ",") + value;
  return JsonDocument::parse(all + "]");
}

}  // namespace ryumem
