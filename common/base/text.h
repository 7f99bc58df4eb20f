// Unicode text as the peers treat it. Everything here takes and gives UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// Python's str.lower() and str.upper(): full Unicode case mapping without a locale.
/// Bytes that are not UTF-8 become U+FFFD.
std::string lower(std::string_view utf8);
std::string upper(std::string_view utf8);

/// `text` with U+FFFD for bytes that are not UTF-8.
std::string well_formed(std::string_view text);

/// `text` with every `from` replaced by `to`; an empty `from` changes nothing.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

/// Without the ASCII white space at both ends.
std::string_view trim(std::string_view text);

/// At most `limit` bytes of `text` for an error message or a log line: cut only between
/// characters, control characters shown as blanks, "…" where something was left out.
std::string excerpt(std::string_view text, std::size_t limit);

/// The pieces between the separators; "a,,b" has three.
std::vector<std::string> split(std::string_view text, char separator);

/// The bytes behind %XX escapes; a malformed escape stays as it is.
std::string percent_decode(std::string_view text);

/// `text` made safe as one segment of a URL's path.
std::string percent_encode(std::string_view text);

/// FNV-1a: a stable hash of bytes, the same in every run and on every machine.
std::uint64_t stable_hash(std::string_view bytes);

}  // namespace ryumem
