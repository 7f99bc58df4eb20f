#include "common/ops/options.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "common/base/failure.h"
#include "common/base/text.h"
#include "common/net/redis.h"
#include "common/ops/known_models.h"

extern char** environ;

namespace ryumem {
namespace {

constexpr std::string_view kTrue[] = {"true", "1", "yes", "on"};
constexpr std::string_view kFalse[] = {"false", "0", "no", "off"};

[[noreturn]] void bad_value(const std::string& source, const std::string& value,
                            const std::string& wanted) {
  throw Failure(Kind::configuration,
                fmt::format("{}: \"{}\" is not {}", source, excerpt(value, 60), wanted));
}

int parse_int(const Option& option, const std::string& source, const std::string& value) {
  int number = 0;
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || at != end || number < option.least || number > option.most)
    bad_value(source, value,
              fmt::format("a whole number from {} to {}", option.least, option.most));
  return number;
}

bool parse_bool(const std::string& source, const std::string& value) {
  const std::string word = lower(value);
  for (const std::string_view yes : kTrue)
    if (word == yes) return true;
  for (const std::string_view no : kFalse)
    if (word == no) return false;
  bad_value(source, value, "true or false");
}

// `source` names where the value came from: "--workers" or "RYUMEM_WORKER_PROCESSES".
void set(Settings& settings, const Option& option, const std::string& source,
         const std::string& value) {
  std::visit(
      [&](auto member) {
        using Value = std::remove_reference_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<Value, int>)
          settings.*member = parse_int(option, source, value);
        else if constexpr (std::is_same_v<Value, Seconds>)
          settings.*member = Seconds(parse_int(option, source, value));
        else if constexpr (std::is_same_v<Value, bool>)
          settings.*member = parse_bool(source, value);
        else
          settings.*member = value;
      },
      option.member);
}

std::string get(const Settings& settings, const Option& option) {
  return std::visit(
      [&](auto member) -> std::string {
        using Value = std::remove_cvref_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<Value, int>)
          return std::to_string(settings.*member);
        else if constexpr (std::is_same_v<Value, Seconds>)
          return std::to_string((settings.*member).count());
        else if constexpr (std::is_same_v<Value, bool>)
          return settings.*member ? "true" : "false";
        else
          return settings.*member;
      },
      option.member);
}

// The flags of a command line by name. "--workers 8" and "--workers=8" are the same.
std::map<std::string, std::string> read_flags(const std::vector<std::string>& arguments) {
  std::map<std::string, std::string> flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.rfind("--", 0) != 0 || argument.size() == 2)
      throw Failure(Kind::usage, fmt::format("\"{}\" is not an option; --help lists them",
                                             excerpt(argument, 60)));
    const std::size_t equal = argument.find('=');
    const std::string name = argument.substr(2, equal == argument.npos ? equal : equal - 2);
    bool known = false;
    for (const Option& option : option_table()) known = known || name == option.flag;
    if (!known || name.empty())
      throw Failure(Kind::usage,
                    fmt::format("unknown option --{}; --help lists them", excerpt(name, 60)));
    if (equal != argument.npos)
      flags[name] = argument.substr(equal + 1);
    else if (i + 1 < arguments.size())
      flags[name] = arguments[++i];
    else
      throw Failure(Kind::usage, fmt::format("--{} needs a value; --help says which", name));
  }
  return flags;
}

std::string unquote(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    return std::string(text.substr(1, text.size() - 2));
  return std::string(text);
}

// `source` names who asked for the file.
Environment read_env_file(const std::string& source, const std::string& path) {
  std::ifstream file(path);
  if (!file)
    throw Failure(
        Kind::configuration,
        fmt::format("{} {}: cannot read it; check the path and its permissions", source, path));
  Environment out;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::string_view text = trim(line);
    if (text.empty() || text.front() == '#') continue;
    if (text.rfind("export ", 0) == 0) text = trim(text.substr(7));
    const std::size_t equal = text.find('=');
    if (equal == std::string_view::npos || equal == 0)
      throw Failure(Kind::configuration, fmt::format("{}:{}: expected NAME=VALUE", path, number));
    out[std::string(trim(text.substr(0, equal)))] = unquote(trim(text.substr(equal + 1)));
  }
  return out;
}

const ProviderDefaults& defaults_of(const char* variable, const std::string& provider) {
  std::string known;
  for (const ProviderDefaults& row : known_providers()) {
    if (row.provider == provider) return row;
    known += (known.empty() ? "" : ", ") + std::string(row.provider);
  }
  throw Failure(Kind::configuration,
                fmt::format("{}: this version has no provider \"{}\"; it knows: {}", variable,
                            excerpt(provider, 60), known));
}

// What goes behind it begins with a slash.
void check_url(const char* variable, std::string& url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (url.rfind("http://", 0) != 0 && url.rfind("https://", 0) != 0)
    bad_value(variable, url, "a URL that begins with http:// or https://");
}

// A provider that can do nothing without a key, or whose place nobody has said, is refused now
// rather than at the first job.
void check_access(const char* variable, const std::string& provider, const Settings& settings) {
  const auto needs = [&](const char* what) {
    throw Failure(Kind::configuration, fmt::format("{} is {}, which needs {}; set it in the "
                                                   "environment, or choose another provider",
                                                   variable, provider, what));
  };
  if (provider == "gemini" && is_gemini_itself(settings) && settings.google_api_key.empty())
    needs("GOOGLE_API_KEY (or GEMINI_API_KEY)");
  if (provider == "openai" && is_openai_itself(settings) && settings.openai_api_key.empty())
    needs("OPENAI_API_KEY (or OPENAI_BASE_URL, for a server of your own)");
  if (provider == "litellm" && settings.litellm_url.empty())
    needs("LITELLM_PROXY_API_BASE, the URL of your LiteLLM proxy");
}

void complete(Settings& settings) {
  const ProviderDefaults& llm = defaults_of("LLM_PROVIDER", settings.llm_provider);
  const ProviderDefaults& embedding =
      defaults_of("EMBEDDING_PROVIDER", settings.embedding_provider);
  if (settings.llm_model.empty()) settings.llm_model = llm.llm_model;
  if (settings.embedding_model.empty()) settings.embedding_model = embedding.embedding_model;
  if (settings.embedding_dimensions == 0) settings.embedding_dimensions = embedding.dimensions;
  if (settings.google_api_key.empty()) settings.google_api_key = settings.gemini_api_key;
  check_url("SERVER_URL", settings.server_url);
  check_url("OLLAMA_BASE_URL", settings.ollama_url);
  check_url("GOOGLE_GEMINI_BASE_URL", settings.gemini_url);
  check_url("OPENAI_BASE_URL", settings.openai_url);
  if (!settings.litellm_url.empty()) check_url("LITELLM_PROXY_API_BASE", settings.litellm_url);
  check_access("LLM_PROVIDER", settings.llm_provider, settings);
  check_access("EMBEDDING_PROVIDER", settings.embedding_provider, settings);
  parse_listen(settings.listen);
  RedisUrl::parse(settings.redis_url);
}

}  // namespace

Environment process_environment() {
  Environment out;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry(*at);
    const std::size_t equal = entry.find('=');
    if (equal != std::string_view::npos)
      out[std::string(entry.substr(0, equal))] = std::string(entry.substr(equal + 1));
  }
  return out;
}

Settings read_partial_settings(const std::vector<std::string>& arguments,
                               const Environment& environment) {
  const std::map<std::string, std::string> flags = read_flags(arguments);
  Environment variables = environment;
  const auto from_flag = flags.find("env-file");
  const std::string env_file =
      from_flag != flags.end() ? from_flag->second : variables["RYUMEM_WORKER_ENV_FILE"];
  if (!env_file.empty())
    variables.merge(read_env_file(
        from_flag != flags.end() ? "--env-file" : "RYUMEM_WORKER_ENV_FILE", env_file));

  Settings settings;
  for (const Option& option : option_table()) {
    set(settings, option, "default", option.fallback);
    const auto variable = variables.find(option.variable);
    if (variable != variables.end() && !variable->second.empty())
      set(settings, option, option.variable, variable->second);
    const auto flag = flags.find(option.flag);
    if (flag != flags.end()) set(settings, option, "--" + flag->first, flag->second);
  }
  return settings;
}

Settings read_settings(const std::vector<std::string>& arguments, const Environment& environment) {
  Settings settings = read_partial_settings(arguments, environment);
  // A worker that is switched off needs no valid provider.
  if (settings.enabled) complete(settings);
  return settings;
}

Environment to_environment(const Settings& settings) {
  Environment out;
  for (const Option& option : option_table()) out[option.variable] = get(settings, option);
  // Its contents are in the other variables already.
  out.erase("RYUMEM_WORKER_ENV_FILE");
  return out;
}

std::string help_text(std::string_view program, std::string_view purpose) {
  std::string out = fmt::format("{}\n\nUsage: {} [OPTION…]\n\n", purpose, program);
  for (const Option& option : option_table()) {
    const std::string flag = *option.flag == '\0'
                                 ? std::string("(environment only)")
                                 : fmt::format("--{} {}", option.flag, option.value_name);
    const std::string fallback =
        *option.fallback == '\0' ? "" : fmt::format(" [{}]", option.fallback);
    out += fmt::format("  {:<32} {}\n  {:<32} {}{}\n", flag, option.variable, "", option.help,
                       fallback);
  }
  return out +
         "\n  --help, --version\n\nA flag goes before its variable, a variable before the default"
         " in brackets.\n";
}

ListenAddress parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  int port = -1;
  if (colon != text.npos) {
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc() || at != end) port = -1;
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (port < 0 || port > 65535 || host.empty())
    bad_value("--listen", text, "ADDRESS:PORT, for example 127.0.0.1:9464");
  return {host, port};
}

int exit_code(const Failure& failure) {
  switch (failure.kind()) {
    case Kind::usage:
      return 64;
    case Kind::system:
      return 71;
    case Kind::configuration:
      return 78;
    default:
      return 70;
  }
}

}  // namespace ryumem
