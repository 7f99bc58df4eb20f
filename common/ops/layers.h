// The places that settings come from, and what each of them says of an option.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/ops/mistakes.h"
#include "common/ops/options.h"

namespace ryumem {

/// A value and who said it: "--workers", "RYUMEM_WORKER_PROCESSES", "ryumemd.conf:12: workers".
struct Given {
  std::string source;
  std::string value;
  Given(std::string who, std::string what) : source(std::move(who)), value(std::move(what)) {}
};

/// One place: what it says, by the names it uses.
using Layer = std::map<std::string, Given>;

/// Flags by their names without dashes. "--workers 8" and "--workers=8" are the same.
Layer layer_of_flags(const std::vector<std::string>& arguments, Mistakes& mistakes);
/// Variables, those with a value. Warns of names that look like a slip in one of ours.
Layer layer_of_environment(const Environment& environment, Mistakes& mistakes);
/// A file of variables. `asked_by` names who wants it read.
Layer layer_of_env_file(const std::string& asked_by, const std::string& path, Mistakes& mistakes);
/// A configuration file. Every name in it must be one of an option, and there once. Warns if there
/// is a secret in it and everybody may read it.
Layer layer_of_config(const std::string& asked_by, const std::string& path, Mistakes& mistakes);
/// What systemd passes as credentials: files called like the variables of secrets.
Layer layer_of_credentials(const std::string& folder, Mistakes& mistakes);

/// What a layer says of an option that it knows as `key`. A secret may also be in a file, which
/// `file_key` then names.
std::optional<Given> given(const Layer& layer, const std::string& key, const std::string& file_key,
                           const Option& option, Mistakes& mistakes);

}  // namespace ryumem
