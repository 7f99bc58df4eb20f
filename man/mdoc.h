// Plain text as mdoc(7) source, such that `mandoc -T lint` has nothing to say.
#pragma once

#include <string>
#include <string_view>

namespace ryumem {

/// Escaped, so that nothing in it is taken for a macro or an escape; a character that is not ASCII
/// becomes its \[uXXXX].
std::string mdoc_escape(std::string_view text);

/// The text as lines of source: short ones, and a new one for each sentence. Ends with a newline.
std::string mdoc_prose(std::string_view text);

/// Lines that are shown as they are.
std::string mdoc_literal(std::string_view lines);

}  // namespace ryumem
