#include "man/completions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "common/base/text.h"
#include "common/ops/known_models.h"

namespace ryumem {
namespace {

constexpr std::string_view kMade = "# Made from the option table of ryumemd; not to be edited.\n";

// A dead job can be listed, but not cancelled.
std::vector<std::string> states_for(const std::string& act) {
  std::vector<std::string> out = {"pending", "processing", "delayed", "parked"};
  if (act == "ls") out.emplace_back("dead");
  return out;
}

// All flags of a verb, or of one of its acts; and --help.
std::vector<ShellFlag> flags_of(const VerbPage& verb, const std::string& act) {
  std::vector<ShellFlag> out;
  std::set<std::string> seen;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!seen.insert(name).second) return;
    ShellFlag& flag = out.emplace_back();
    flag.name = name;
    flag.value = value;
    if (value == "STATE") flag.words = states_for(act);
  };
  for (const Paragraph& paragraph : verb.paragraphs)
    for (const Usage& usage : paragraph.usages)
      if (usage.act == act)
        for (const Usage::Flag& flag : usage.flags) add(flag.name, flag.value);
  add("--help", "");
  return out;
}

// What a verb, or one of its acts, takes besides flags: the words that can be offered, and whether
// a file can be.
struct Operands {
  std::vector<std::string> words;
  bool file = false;
  Operands() = default;
};

Operands operands_of(const VerbPage& verb, const std::string& act) {
  Operands out;
  std::set<std::string> seen;
  const auto add = [&](const std::string& word) {
    if (seen.insert(word).second) out.words.push_back(word);
  };
  for (const Paragraph& paragraph : verb.paragraphs)
    for (const Usage& usage : paragraph.usages) {
      if (usage.act != act) continue;
      for (const std::string& operand : usage.operands) {
        if (operand == "FILE") out.file = true;
        if (operand == "PROVIDER")
          for (const ProviderDefaults& row : known_providers()) add(std::string(row.provider));
        if (std::islower(static_cast<unsigned char>(operand[0])) != 0) add(operand);
      }
    }
  return out;
}

std::vector<std::string> acts_of(const VerbPage& verb) {
  std::vector<std::string> out;
  for (const Paragraph& paragraph : verb.paragraphs)
    for (const Usage& usage : paragraph.usages)
      if (!usage.act.empty() && std::find(out.begin(), out.end(), usage.act) == out.end())
        out.push_back(usage.act);
  return out;
}

// The verb's acts, or, if it has none, one that is empty.
std::vector<std::string> acts_or_none(const VerbPage& verb) {
  std::vector<std::string> acts = acts_of(verb);
  if (acts.empty()) acts.emplace_back();
  return acts;
}

std::string ctl_in_bash(const std::vector<VerbPage>& verbs) {
  std::vector<std::string> all;
  std::string cases;
  for (const VerbPage& verb : verbs) {
    all.push_back(verb.name);
    for (const std::string& act : acts_or_none(verb)) {
      const std::vector<ShellFlag> flags = flags_of(verb, act);
      const Operands operands = operands_of(verb, act);
      std::vector<std::string> words = operands.words;
      words.push_back(names(flags));
      const std::string values = in_bash(flags);
      cases +=
          fmt::format("    {}) words='{}'{}\n", act.empty() ? verb.name : verb.name + "-" + act,
                      joined(words), operands.file ? " files=yes" : "");
      if (!values.empty()) cases += "    case $prev in\n" + values + "    esac\n";
      cases += "    ;;\n";
    }
    const std::vector<std::string> acts = acts_of(verb);
    if (!acts.empty())
      cases += fmt::format("    {}-*) words='{} --help' ;;\n", verb.name, joined(acts));
  }
  std::string with_acts;
  for (const VerbPage& verb : verbs)
    if (!acts_of(verb).empty()) with_acts += (with_acts.empty() ? "" : "|") + verb.name;
  return fmt::format(R"({0}_ryumemctl() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} words= files=
  COMPREPLY=()
  local verb=${{COMP_WORDS[1]}}
  if ((COMP_CWORD == 1)); then
    {1}
    return
  fi
  case $verb in
    {2})
      if ((COMP_CWORD == 2)); then verb+=-; else verb+=-${{COMP_WORDS[2]}}; fi ;;
  esac
  case $verb in
{3}  esac
  if [[ $files && $cur != -* ]]; then
    {4}
  fi
  mapfile -t -O ${{#COMPREPLY[@]}} COMPREPLY < <(compgen -W "$words" -- "$cur")
}}
complete -F _ryumemctl ryumemctl
)",
                     kMade, bash_words(joined(all) + " --help --version"), with_acts, cases,
                     kBashFiles);
}

// What may stand where no flag is looked for. One of them there must be: without it, zsh offers no
// flag once there is a word that it has no place for, and the verb is one.
std::string rest_in_zsh(const Operands& operands) {
  if (operands.file) return "'*:FILE:_files'";
  if (!operands.words.empty()) return "'*: :(" + joined(operands.words) + ")'";
  return "'*: : '";
}

std::string ctl_in_zsh(const std::vector<VerbPage>& verbs) {
  std::string list;
  std::string cases;
  for (const VerbPage& verb : verbs) {
    list += fmt::format("  '{}:{}'\n", verb.name, for_zsh(excerpt(verb.summary(), kHelpLength)));
    cases += fmt::format("  {})\n", verb.name);
    const std::vector<std::string> acts = acts_of(verb);
    if (!acts.empty())
      cases += fmt::format("    if ((CURRENT == 3)); then compadd {}; return; fi\n", joined(acts));
    cases += acts.empty() ? "" : "    case $words[3] in\n";
    for (const std::string& act : acts_or_none(verb)) {
      std::string specs = " " + rest_in_zsh(operands_of(verb, act));
      for (const ShellFlag& flag : flags_of(verb, act)) specs += " " + in_zsh(flag);
      cases += act.empty() ? fmt::format("    _arguments{}\n", specs)
                           : fmt::format("    {}) _arguments{} ;;\n", act, specs);
    }
    cases += acts.empty() ? "    ;;\n" : "    esac\n    ;;\n";
  }
  return fmt::format(R"(#compdef ryumemctl
{}
local -a verbs=(
{})
if ((CURRENT == 2)); then
  _describe 'verb' verbs
  compadd -- --help --version
  return
fi
case $words[2] in
{}esac
)",
                     kMade, list, cases);
}

std::string ctl_in_fish(const std::vector<VerbPage>& verbs) {
  std::string out(kMade);
  out += "complete -c ryumemctl -f\n";
  for (const VerbPage& verb : verbs) {
    out += fmt::format("complete -c ryumemctl -n __fish_use_subcommand -a {} -d '{}'\n", verb.name,
                       quotable(excerpt(verb.summary(), kHelpLength)));
    const std::vector<std::string> acts = acts_of(verb);
    const std::string here = "__fish_seen_subcommand_from " + verb.name;
    if (!acts.empty())
      out += fmt::format(
          "complete -c ryumemctl -n '{0}; and not __fish_seen_subcommand_from {1}' -a '{1}'\n",
          here, joined(acts));
    for (const std::string& act : acts_or_none(verb)) {
      const std::string when =
          act.empty() ? here : here + "; and __fish_seen_subcommand_from " + act;
      for (const ShellFlag& flag : flags_of(verb, act))
        out += fmt::format("complete -c ryumemctl -n '{}'{}\n", when, in_fish(flag));
      const Operands operands = operands_of(verb, act);
      if (operands.file) out += fmt::format("complete -c ryumemctl -n '{}' -F\n", when);
      if (!operands.words.empty())
        out += fmt::format("complete -c ryumemctl -n '{}' -a '{}'\n", when, joined(operands.words));
    }
  }
  return out;
}

}  // namespace

std::string complete_ryumemd(Shell shell, const std::vector<ShellFlag>& flags) {
  std::string out;
  switch (shell) {
    case Shell::bash:
      return fmt::format(R"({}_ryumemd() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}
  case $prev in
{}  esac
  {}
}}
complete -F _ryumemd ryumemd
)",
                         kMade, in_bash(flags), bash_words(names(flags)));
    case Shell::zsh:
      out = fmt::format("#compdef ryumemd\n{}\n_arguments", kMade);
      for (const ShellFlag& flag : flags) out += " \\\n  " + in_zsh(flag);
      return out + "\n";
    case Shell::fish:
      out = std::string(kMade) + "complete -c ryumemd -f\n";
      for (const ShellFlag& flag : flags) out += "complete -c ryumemd" + in_fish(flag) + "\n";
      return out;
  }
  return out;
}

std::string complete_ryumemctl(Shell shell, const std::vector<VerbPage>& verbs) {
  switch (shell) {
    case Shell::bash:
      return ctl_in_bash(verbs);
    case Shell::zsh:
      return ctl_in_zsh(verbs);
    case Shell::fish:
      return ctl_in_fish(verbs);
  }
  return {};
}

}  // namespace ryumem
