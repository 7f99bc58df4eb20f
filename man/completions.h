// Completions for the shells, made from the option table and from what `ryumemctl --help` says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/ops/options.h"
#include "man/verbs.h"

namespace ryumem {

enum class Shell { bash, zsh, fish };

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

/// The file that a shell loads for ryumemd.
std::string complete_ryumemd(Shell shell, const std::vector<ShellFlag>& flags);
/// The file that a shell loads for ryumemctl.
std::string complete_ryumemctl(Shell shell, const std::vector<VerbPage>& verbs);

}  // namespace ryumem
