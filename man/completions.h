// Completions for the shells, made from the option table and from what `ryumemctl --help` says.
#pragma once

#include <string>
#include <vector>

#include "man/shell_flags.h"
#include "man/verbs.h"

namespace ryumem {

enum class Shell { bash, zsh, fish };

/// The file that a shell loads for ryumemd.
std::string complete_ryumemd(Shell shell, const std::vector<ShellFlag>& flags);
/// The file that a shell loads for ryumemctl.
std::string complete_ryumemctl(Shell shell, const std::vector<VerbPage>& verbs);

}  // namespace ryumem
