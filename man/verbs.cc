// The form: a usage is indented by two blanks, its continuation by more than six, what is said of
// it by six. There, "WORD   text" with two blanks or more between begins a remark on that word, and
// deeper lines go on with it.
#include "man/verbs.h"

#include <algorithm>
#include <cctype>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr std::string_view kProgram = "ryumemctl ";

bool is_act(const std::string& word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return std::islower(c) != 0; });
}

bool is_value(const std::string& word) {
  return !word.empty() && std::isupper(static_cast<unsigned char>(word[0])) != 0;
}

// "[--state", "ID…|--all]": the words and flags of a usage without its brackets and bars.
std::vector<std::string> bare_words(const std::string& line) {
  std::string bare = replace_all(line, "…", "");
  for (const std::string_view mark : {"[", "]", "|"}) bare = replace_all(bare, mark, " ");
  std::vector<std::string> words;
  for (std::string& word : split(bare, ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

void read_words(Usage& usage) {
  usage.flags.clear();
  usage.operands.clear();
  const std::vector<std::string> words = bare_words(usage.line);
  // Before them stand the program, the verb and its act.
  for (std::size_t i = usage.act.empty() ? 2 : 3; i < words.size(); ++i) {
    if (words[i].rfind("--", 0) != 0) {
      usage.operands.push_back(words[i]);
      continue;
    }
    Usage::Flag flag;
    flag.name = words[i];
    // Not of "--all [FILE]": a value stands directly behind its flag.
    if (i + 1 < words.size() && is_value(words[i + 1]) &&
        usage.line.find(words[i] + " " + words[i + 1]) != std::string::npos)
      flag.value = words[++i];
    usage.flags.push_back(std::move(flag));
  }
}

class Reader {
 public:
  void read(const std::string& line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    const std::string text = line.substr(indent);
    if (text.empty()) return;
    if (indent == 2 && text.rfind(kProgram, 0) == 0)
      usage(text);
    else if (pages_.empty())
      throw Failure(Kind::internal, "ryumemctl --help has a line in no place: " + line);
    else if (indent > 6 && remarks().empty())
      last_usage().line += " " + text;
    else if (indent == 6)
      remark(text);
    else if (indent > 6)
      remarks().back().text += " " + text;
    else
      throw Failure(Kind::internal, "ryumemctl --help has an unexpected line: " + line);
  }

  std::vector<VerbPage> take() {
    for (VerbPage& page : pages_)
      for (Paragraph& paragraph : page.paragraphs)
        for (Usage& each : paragraph.usages) read_words(each);
    return std::move(pages_);
  }

 private:
  void usage(const std::string& text) {
    std::vector<std::string> words = split(text, ' ');
    if (pages_.empty() || pages_.back().name != words[1]) {
      pages_.emplace_back().name = words[1];
      pages_.back().paragraphs.emplace_back();
    } else if (!remarks().empty()) {
      pages_.back().paragraphs.emplace_back();
    }
    Usage& fresh = pages_.back().paragraphs.back().usages.emplace_back();
    fresh.line = text;
    if (words.size() > 2 && is_act(words[2])) fresh.act = words[2];
  }

  // A new remark on a word; or prose, which goes on with the prose before it.
  void remark(const std::string& text) {
    const std::size_t gap = text.find("  ");
    const bool on_word = gap != std::string::npos && gap < 20;
    if (!on_word && !remarks().empty() && remarks().back().of.empty()) {
      remarks().back().text += " " + text;
      return;
    }
    Remark& fresh = remarks().emplace_back();
    if (on_word) fresh.of = text.substr(0, gap);
    fresh.text = trim(on_word ? std::string_view(text).substr(gap) : text);
  }

  Usage& last_usage() { return pages_.back().paragraphs.back().usages.back(); }
  std::vector<Remark>& remarks() { return pages_.back().paragraphs.back().remarks; }

  std::vector<VerbPage> pages_;
};

}  // namespace

std::string VerbPage::summary() const {
  if (paragraphs.empty() || paragraphs[0].remarks.empty()) return {};
  const std::string& text = paragraphs[0].remarks[0].text;
  return text.substr(0, std::min({text.find(". "), text.find("? "), text.size()}));
}

std::vector<VerbPage> read_verbs(std::string_view help) {
  Reader reader;
  const std::string_view start = "Usage:\n";
  const std::size_t from = help.find(start);
  // Behind the verbs stands how to ask for help, and which variables are read.
  const std::size_t to = help.find("  ryumemctl [VERB]");
  if (from == help.npos || to == help.npos)
    throw Failure(Kind::internal, "this is not what ryumemctl --help says");
  const std::size_t begin = from + start.size();
  for (const std::string& line : split(help.substr(begin, to - begin), '\n')) reader.read(line);
  return reader.take();
}

}  // namespace ryumem
