#include "common/ops/layers.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "common/base/nearest.h"
#include "common/base/text.h"
#include "common/ops/secret_file.h"
#include "common/ops/settings_file.h"

namespace ryumem {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A secret itself has no flag, but the file that it is in has one.
Names flag_names() {
  Names names;
  for (const Option& option : option_table())
    names.push_back(option.secret ? fmt::format("{}-file", option.name) : option.name);
  return names;
}

// A configuration file may say everything but where files of settings are.
Names config_names() {
  Names names;
  for (const Option& option : option_table()) {
    if (option.section == Section::files) continue;
    names.push_back(option.name);
    if (option.secret) names.push_back(fmt::format("{}-file", option.name));
  }
  return names;
}

Names headings() {
  Names names;
  for (int i = 0; i < static_cast<int>(Section::count); ++i)
    names.emplace_back(name(static_cast<Section>(i)));
  return names;
}

const Option* option_of_variable(const std::string& variable) {
  for (const Option& option : option_table())
    if (variable == option.variable) return &option;
  return nullptr;
}

std::string hint_for(const std::string& name, const Names& known) {
  const Option* meant = option_of_variable(name);
  if (meant != nullptr && contains(known, meant->name))
    return fmt::format("; here it is called {}", meant->name);
  return did_you_mean(name, known);
}

bool holds_secret(const Layer& layer) {
  for (const Option& option : option_table())
    if (option.secret && layer.count(option.name) != 0 &&
        layer.at(option.name).value != option.fallback)
      return true;
  return false;
}

void warn_if_readable_by_all(const std::string& path, Mistakes& mistakes) {
  if (readable_by_all(path))
    mistakes.warn(fmt::format(
        "{}: there is a secret in it and everybody on this machine can read it; chmod o-r it",
        path));
}

}  // namespace

Layer layer_of_flags(const std::vector<std::string>& arguments, Mistakes& mistakes) {
  const Names known = flag_names();
  Layer layer;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.rfind("--", 0) != 0 || argument.size() == 2) {
      mistakes.add(Kind::usage, fmt::format("\"{}\" is not an option; --help lists them",
                                            excerpt(argument, 60)));
      continue;
    }
    const std::size_t equal = argument.find('=');
    const std::string name = argument.substr(2, equal == argument.npos ? equal : equal - 2);
    const bool is_known = contains(known, name);
    if (!is_known)
      mistakes.add(Kind::usage, fmt::format("unknown option --{}{}; --help lists them",
                                            excerpt(name, 60), did_you_mean(name, known, "--")));
    std::string value;
    if (equal != argument.npos) {
      value = argument.substr(equal + 1);
    } else if (i + 1 < arguments.size() && (is_known || arguments[i + 1].rfind("--", 0) != 0)) {
      value = arguments[++i];
    } else if (is_known) {
      mistakes.add(Kind::usage, fmt::format("--{} needs a value; --help says which", name));
      continue;
    }
    if (is_known) layer.insert_or_assign(name, Given("--" + name, value));
  }
  return layer;
}

Layer layer_of_environment(const Environment& environment, Mistakes& mistakes) {
  // Names without what they all begin with, which would make each look like every other.
  constexpr std::string_view kBegin = "RYUMEM_WORKER_";
  Names ours = {"BINARY"};
  for (const Option& option : option_table()) {
    const std::string_view variable = option.variable;
    if (variable.rfind(kBegin, 0) == 0) ours.emplace_back(variable.substr(kBegin.size()));
  }
  Layer layer;
  for (const auto& [name, value] : environment) {
    if (value.empty()) continue;
    layer.emplace(name, Given(name, value));
    if (name.rfind(kBegin, 0) != 0) continue;
    const std::string rest = name.substr(kBegin.size());
    const std::string hint = contains(ours, rest) ? "" : did_you_mean(rest, ours, kBegin);
    if (!hint.empty()) mistakes.warn(fmt::format("{} is no variable of ours{}", name, hint));
  }
  return layer;
}

Layer layer_of_env_file(const std::string& asked_by, const std::string& path, Mistakes& mistakes) {
  Layer layer;
  try {
    const std::string text = read_text_file(asked_by, path);
    for (const SettingLine& line : parse_env_file(path, text, mistakes))
      if (!line.value.empty())
        layer.insert_or_assign(line.name, Given(line.place + ": " + line.name, line.value));
  } catch (const Failure& failure) {
    mistakes.add(failure);
  }
  for (const Option& option : option_table())
    if (option.secret && layer.count(option.variable) != 0) {
      warn_if_readable_by_all(path, mistakes);
      break;
    }
  return layer;
}

Layer layer_of_config(const std::string& asked_by, const std::string& path, Mistakes& mistakes) {
  const Names known = config_names();
  std::map<std::string, std::string> places;
  Layer layer;
  const std::string text = read_text_file(asked_by, path);
  for (const SettingLine& line : parse_config(path, text, headings(), mistakes)) {
    const std::string source = line.place + ": " + line.name;
    if (!contains(known, line.name)) {
      mistakes.add(Kind::configuration,
                   fmt::format("{}: there is no option \"{}\"{}", line.place,
                               excerpt(line.name, 60), hint_for(line.name, known)));
      continue;
    }
    const auto [place, first] = places.emplace(line.name, line.place);
    if (!first) {
      mistakes.add(Kind::configuration,
                   fmt::format("{}: it is said already at {}", source, place->second));
      continue;
    }
    if (!line.value.empty()) layer.emplace(line.name, Given(source, line.value));
  }
  if (holds_secret(layer)) warn_if_readable_by_all(path, mistakes);
  return layer;
}

Layer layer_of_credentials(const std::string& folder, Mistakes& mistakes) {
  Layer layer;
  for (const Option& option : option_table()) {
    if (!option.secret || folder.empty()) continue;
    const std::string path = fmt::format("{}/{}", folder, option.variable);
    if (access(path.c_str(), F_OK) != 0) continue;
    const std::string source = fmt::format("credential {}", option.variable);
    // systemd keeps these from everybody else, whatever their mode says inside of the unit.
    Mistakes reading;
    if (const std::optional<std::string> value = read_secret_file(source, path, reading))
      layer.emplace(option.variable, Given(source, *value));
    for (const std::string& line : reading.lines()) mistakes.add(Kind::configuration, line);
  }
  return layer;
}

std::optional<Given> given(const Layer& layer, const std::string& key, const std::string& file_key,
                           const Option& option, Mistakes& mistakes) {
  const auto plain = layer.find(key);
  const auto file = option.secret ? layer.find(file_key) : layer.end();
  if (file == layer.end())
    return plain == layer.end() ? std::nullopt : std::optional<Given>(plain->second);
  if (plain != layer.end()) {
    mistakes.add(Kind::configuration, fmt::format("{}: {} is given, too; keep one of the two",
                                                  file->second.source, plain->second.source));
    return std::nullopt;
  }
  const std::optional<std::string> value =
      read_secret_file(file->second.source, file->second.value, mistakes);
  if (!value) return std::nullopt;
  return Given(fmt::format("{} {}", file->second.source, file->second.value), *value);
}

}  // namespace ryumem
