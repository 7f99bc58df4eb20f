#include "man/shell_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

bool is_file(const ShellFlag& flag) { return flag.value == "FILE"; }

// In bash's $before stands what it keeps of a list, up to the last comma.
std::string bash_list(const std::string& words) {
  return "local before=; [[ $cur != *,* ]] || before=${cur%,*},; " +
         fmt::format("mapfile -t COMPREPLY < <(compgen -P \"$before\" -W '{}' -- \"${{cur##*,}}\")",
                     words);
}

ShellFlag flag_of(const Option& option) {
  ShellFlag flag;
  flag.help = excerpt(option.help, kHelpLength);
  if (option.secret) {
    flag.name = fmt::format("--{}-file", option.name);
    flag.value = "FILE";
    return flag;
  }
  flag.name = option.flag();
  flag.value = option.value_name;
  for (const std::string_view word : option.words.empty() ? option.offered : option.words)
    flag.words.emplace_back(word);
  if (flag.value == "BOOL") flag.words = {"true", "false"};
  flag.list = option.list;
  return flag;
}

bool is_flag(std::string_view word) {
  return word.size() > 2 && word.substr(0, 2) == "--" &&
         std::all_of(word.begin() + 2, word.end(),
                     [](unsigned char c) { return std::islower(c) != 0 || c == '-'; });
}

// Those that are no settings stand at the end of --help: "  --check-config   say what is wrong …".
// They take no value. `begin` is the line up to the first two blanks, `text` what is behind them.
void add_others(std::vector<ShellFlag>& flags, std::string_view begin, std::string_view text) {
  for (const std::string& word : split(begin, ',')) {
    ShellFlag& flag = flags.emplace_back();
    flag.name = trim(word);
    flag.help = trim(text);
    if (!is_flag(flag.name))
      throw Failure(Kind::internal,
                    fmt::format("ryumemd --help: \"{}\" is no flag, in: {}", flag.name, begin));
  }
}

}  // namespace

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string names(const std::vector<ShellFlag>& flags) {
  std::vector<std::string> words;
  for (const ShellFlag& flag : flags) words.push_back(flag.name);
  return joined(words);
}

std::string quotable(std::string text) {
  for (const std::string_view mark : {"'", "\\"}) text = replace_all(text, mark, "");
  return text;
}

std::string for_zsh(std::string text) {
  text = replace_all(quotable(std::move(text)), "[", "(");
  return replace_all(replace_all(text, "]", ")"), ":", "\\:");
}

std::string bash_words(const std::string& words) {
  return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")", words);
}

std::string in_bash(const std::vector<ShellFlag>& flags) {
  std::string out;
  for (const ShellFlag& flag : flags) {
    if (flag.value.empty()) continue;
    std::string reply;
    if (!flag.words.empty())
      reply = flag.list ? bash_list(joined(flag.words)) : bash_words(joined(flag.words));
    else if (is_file(flag))
      reply = kBashFiles;
    out += fmt::format("    {}) {} ;;\n", flag.name, reply.empty() ? "return" : reply + "; return");
  }
  return out;
}

std::string in_zsh(const ShellFlag& flag) {
  const std::string help = flag.help.empty() ? "" : "[" + for_zsh(flag.help) + "]";
  if (flag.value.empty()) return fmt::format("'{}{}'", flag.name, help);
  std::string action = " ";
  if (!flag.words.empty())
    action = flag.list ? fmt::format("_values -s , {} {}", flag.value, joined(flag.words))
                       : "(" + joined(flag.words) + ")";
  if (is_file(flag)) action = "_files";
  return fmt::format("'{}{}:{}:{}'", flag.name, help, for_zsh(flag.value), action);
}

std::string in_fish(const ShellFlag& flag) {
  std::string out = fmt::format(" -l {}", flag.name.substr(2));
  if (!flag.words.empty() && flag.list)
    out += fmt::format(" -x -a '(__fish_append , {})'", joined(flag.words));
  else if (!flag.words.empty())
    out += fmt::format(" -x -a '{}'", joined(flag.words));
  else if (is_file(flag))
    out += " -r -F";
  else if (!flag.value.empty())
    out += " -x";
  if (!flag.help.empty()) out += fmt::format(" -d '{}'", quotable(flag.help));
  return out;
}

std::vector<ShellFlag> flags_of_ryumemd(const std::vector<Option>& table, std::string_view help) {
  std::vector<ShellFlag> out;
  std::set<std::string> known;
  for (const Option& option : table) known.insert(out.emplace_back(flag_of(option)).name);
  for (const std::string& line : split(help, '\n')) {
    if (line.rfind("  --", 0) != 0) continue;
    const std::size_t end = std::min(line.find("  ", 4), line.size());
    const std::string begin = line.substr(2, end - 2);
    // Of the others everything is in the table.
    if (known.count(begin.substr(0, begin.find(' '))) == 0)
      add_others(out, begin, std::string_view(line).substr(end));
  }
  return out;
}

}  // namespace ryumem
