// Text that came from outside, made safe for a log: a reader sees what is in it, and it can do
// nothing to the reader's terminal, nor pass itself off for another line.
#pragma once

#include <string>
#include <string_view>

namespace ryumem {

/// Escapes what is not a plain character: line breaks and other control characters ("\n", "\x1b"),
/// the marks that turn the direction of writing and the separators of lines of Unicode
/// ("\u{202e}"), bytes that are not UTF-8 ("\xff"), and the backslash, so that nothing looks like
/// an escape that is none.
std::string printable(std::string_view text);

/// A JSON string with its quotes, in ASCII but for plain characters; bytes that are not UTF-8
/// become U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace ryumem
