// Which value of each option is in force, and who said so.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/ops/check_settings.h"
#include "common/ops/layers.h"
#include "common/ops/option_value.h"
#include "common/ops/options.h"

namespace ryumem {
namespace {

struct Layers {
  Layer config;
  Layer credentials;
  Layer env_file;
  Layer environment;
  Layer flags;
  bool whole = true;                    // false: a file or a flag says what we do not know
  std::vector<std::string> left_aside;  // of the files, and why: for a program that does without
  bool keys_known = true;               // false: the unit may give keys that we cannot see
};

// Where a file of settings is, if a flag or a variable says so.
std::optional<Given> path_in(const Layers& layers, const Option& option, Mistakes& mistakes) {
  const std::optional<Given> flag = given(layers.flags, option.name, "", option, mistakes);
  if (flag) return flag;
  return given(layers.environment, option.variable, "", option, mistakes);
}

// Reads the file that --config names, or the one at the usual place, if it is there. A program that
// only needs some of the settings does without the latter if it may not read it.
void read_config(Layers& layers, bool partial, Mistakes& mistakes) {
  const Option& option = option_called("config");
  const std::optional<Given> named = path_in(layers, option, mistakes);
  if (named && named->value.empty()) return;
  if (!named && access(option.fallback, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) return;
  if (!named && partial && access(option.fallback, R_OK) != 0)
    return layers.left_aside.push_back(fmt::format(
        "{} may not be read, so what it says is not known here; run as root or as a member of the "
        "group that it belongs to, or set what is needed as variables, and RYUMEM_WORKER_CONFIG= "
        "(empty)",
        option.fallback));
  const Given file = named.value_or(Given("configuration file", option.fallback));
  try {
    layers.config = layer_of_config(file.source, file.value, mistakes);
  } catch (const Failure& failure) {
    mistakes.add(failure);
    layers.whole = false;
  }
}

Layers gather(const std::vector<std::string>& arguments, const Environment& environment,
              bool partial, Mistakes& mistakes) {
  Layers layers;
  layers.flags = layer_of_flags(arguments, mistakes);
  layers.environment = layer_of_environment(environment, mistakes);
  const std::optional<Given> env_file = path_in(layers, option_called("env-file"), mistakes);
  if (env_file && !env_file->value.empty())
    layers.env_file = layer_of_env_file(env_file->source, env_file->value, mistakes);
  layers.whole = !mistakes.any();
  const auto folder = environment.find("CREDENTIALS_DIRECTORY");
  if (folder != environment.end())
    layers.credentials = layer_of_credentials(folder->second, mistakes);
  // systemd runs what a reload runs beside the service (it says MAINPID there) without the
  // service's credentials: seen with 252, whose folder may not be read then, and 257, which names
  // none. The service itself has them, and refuses the configuration if a key is missing.
  const bool readable = folder != environment.end() && access(folder->second.c_str(), R_OK) == 0;
  layers.keys_known = readable || environment.count("MAINPID") == 0;
  read_config(layers, partial, mistakes);
  return layers;
}

// From the lowest layer to the highest. Each value is checked, also one that a higher layer
// overrides: it is a mistake wherever it stands.
void apply(const Layers& layers, const Option& option, Configuration& out, Mistakes& mistakes) {
  const std::string name_of_file = fmt::format("{}-file", option.name);
  const std::string variable_of_file = fmt::format("{}_FILE", option.variable);
  const std::optional<Given> said[] = {
      given(layers.config, option.name, name_of_file, option, mistakes),
      given(layers.credentials, option.variable, "", option, mistakes),
      given(layers.env_file, option.variable, variable_of_file, option, mistakes),
      given(layers.environment, option.variable, variable_of_file, option, mistakes),
      given(layers.flags, option.name, name_of_file, option, mistakes),
  };
  set_value(out.settings, option, "default", option.fallback);
  for (const std::optional<Given>& one : said) {
    if (!one) continue;
    try {
      set_value(out.settings, option, one->source, one->value);
      out.sources[option.name] = one->source;
    } catch (const Failure& failure) {
      mistakes.add(failure);
    }
  }
}

// The check names variables; whoever reads it wants to know the place.
std::string with_place(const std::string& what, const Configuration& read) {
  for (const Option& option : option_table()) {
    const std::string variable = fmt::format("{}:", option.variable);
    const auto source = read.sources.find(option.name);
    if (what.rfind(variable, 0) == 0 && source != read.sources.end())
      return fmt::format("{}:{}", source->second, what.substr(variable.size()));
  }
  return what;
}

// `unknown`: options whose value could not be read; what is found out about these is found out
// about a value that nobody gave.
void check(Configuration& out, const std::vector<const Option*>& unknown, bool keys_known,
           Mistakes& mistakes) {
  Mistakes found;
  check_settings(out.settings, keys_known, found);
  for (const std::string& what : found.lines()) {
    const bool of_unknown = std::any_of(unknown.begin(), unknown.end(), [&](const Option* option) {
      return what.find(option->variable) != what.npos;
    });
    if (!of_unknown) mistakes.add(Kind::configuration, with_place(what, out));
  }
}

Configuration read(const std::vector<std::string>& arguments, const Environment& environment,
                   bool partial) {
  Mistakes mistakes;
  Configuration out;
  const Layers layers = gather(arguments, environment, partial, mistakes);
  std::vector<const Option*> unknown;
  for (const Option& option : option_table()) {
    const std::size_t before = mistakes.lines().size();
    apply(layers, option, out, mistakes);
    if (mistakes.lines().size() > before) unknown.push_back(&option);
  }
  // A worker that is switched off needs no valid provider; and who does not know all that is said
  // cannot hold it against each other.
  if (!partial && out.settings.enabled && layers.whole)
    check(out, unknown, layers.keys_known, mistakes);
  mistakes.throw_if_any();
  out.warnings = partial ? layers.left_aside : mistakes.warnings();
  return out;
}

}  // namespace

Configuration read_configuration(const std::vector<std::string>& arguments,
                                 const Environment& environment) {
  return read(arguments, environment, false);
}

Settings read_settings(const std::vector<std::string>& arguments, const Environment& environment) {
  return read(arguments, environment, false).settings;
}

Configuration read_partial_configuration(const std::vector<std::string>& arguments,
                                         const Environment& environment) {
  return read(arguments, environment, true);
}

}  // namespace ryumem
