// One option's value: out of text into Settings, and back.
#pragma once

#include <string>

#include "common/ops/options.h"

namespace ryumem {

/// Throws Failure(Kind::configuration): "SOURCE: "VALUE" is not WANTED". Never for a secret.
[[noreturn]] void bad_value(const std::string& source, const std::string& value,
                            const std::string& wanted);

/// `source` names where the value came from: "--workers", "ryumemd.conf:12: workers". Throws
/// Failure(Kind::configuration).
void set_value(Settings& settings, const Option& option, const std::string& source,
               const std::string& value);

/// As set_value() takes it.
std::string value_of(const Settings& settings, const Option& option);

/// "a whole number from 1 to 256"; empty if any text will do.
std::string wanted_by(const Option& option);

}  // namespace ryumem
