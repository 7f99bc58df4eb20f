// The files that settings are read from: ryumemd.conf and files of environment variables. Only
// their form is known here, not what the names mean.
#pragma once

#include <string>
#include <vector>

#include "common/ops/mistakes.h"

namespace ryumem {

/// A line that says something.
struct SettingLine {
  std::string name;
  std::string value;
  std::string place;  // "FILE:LINE"
  SettingLine(std::string the_name, std::string the_value, std::string the_place)
      : name(std::move(the_name)), value(std::move(the_value)), place(std::move(the_place)) {}
};

/// All of a file, which may be 1 MB long. `asked_by` names who wants it read: "--config". Throws
/// Failure: Kind::permission if we may not, Kind::configuration for anything else.
std::string read_text_file(const std::string& asked_by, const std::string& path);

/// Whether everybody on this machine may read the file.
bool readable_by_all(const std::string& path);

/// `name = value` lines. A `#` at the start of a line or after white space begins a comment; quotes
/// around a value are taken off, and a `#` in them is none. A line may be a `[heading]`, one of
/// `headings`. `path` is for the places.
std::vector<SettingLine> parse_config(const std::string& path, const std::string& text,
                                      const std::vector<std::string>& headings, Mistakes& mistakes);

/// `NAME=VALUE` lines, as the Python worker's .env; a `#` begins a comment only at the start of a
/// line, and `export` may stand before the name. The last of two lines for one name counts.
std::vector<SettingLine> parse_env_file(const std::string& path, const std::string& text,
                                        Mistakes& mistakes);

}  // namespace ryumem
