// The flags of our programs, and how each shell has to be told of one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/ops/options.h"

namespace ryumem {

/// So many characters of what a flag or a verb does are shown.
inline constexpr std::size_t kHelpLength = 70;

/// One flag, as a shell has to know it.
struct ShellFlag {
  std::string name;                // "--workers"
  std::string value;               // what --help calls its value; empty if it takes none
  std::string help;                // a short text, or empty
  std::vector<std::string> words;  // what to offer for the value
  bool list = false;               // several of them, with commas between
  ShellFlag() = default;
};

/// The flags of ryumemd: those of the table and the others that its --help lists. Throws
/// Failure(Kind::internal) if such a line of it has anything else in the place of a flag.
std::vector<ShellFlag> flags_of_ryumemd(const std::vector<Option>& table, std::string_view help);

/// The words with blanks between, and the names of the flags so.
std::string joined(const std::vector<std::string>& words);
std::string names(const std::vector<ShellFlag>& flags);

/// As the text between single quotes: none of the three shells can have one in there.
std::string quotable(std::string text);
/// The same without what zsh's _arguments would take for syntax.
std::string for_zsh(std::string text);

/// What bash is to do for words that end at $cur, and for names of files; line by line, since names
/// may have blanks in them.
std::string bash_words(const std::string& words);
inline constexpr std::string_view kBashFiles =
    "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";

/// For bash, the branches of a case over the word before; for zsh, an argument of _arguments; for
/// fish, options of complete.
std::string in_bash(const std::vector<ShellFlag>& flags);
std::string in_zsh(const ShellFlag& flag);
std::string in_fish(const ShellFlag& flag);

}  // namespace ryumem
