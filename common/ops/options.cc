#include "common/ops/options.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "common/base/failure.h"
#include "common/base/text.h"
#include "common/ops/check_settings.h"
#include "common/ops/known_models.h"
#include "common/ops/option_value.h"
#include "common/ops/prices.h"
#include "common/ops/redis_of.h"
#include "common/ops/spending.h"

namespace ryumem {
namespace {

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
void check_access(const char* variable, const std::string& provider, const Settings& settings,
                  bool keys_known) {
  const auto needs = [&](const char* what) {
    throw Failure(Kind::configuration,
                  fmt::format("{}: {} needs {}; set it in the environment, or choose another "
                              "provider",
                              variable, provider, what));
  };
  if (keys_known && provider == "gemini" && is_gemini_itself(settings) &&
      settings.google_api_key.empty())
    needs("GOOGLE_API_KEY (or GEMINI_API_KEY)");
  if (keys_known && provider == "openai" && is_openai_itself(settings) &&
      settings.openai_api_key.empty())
    needs("OPENAI_API_KEY (or OPENAI_BASE_URL, for a server of your own)");
  if (provider == "litellm" && settings.litellm_url.empty())
    needs("LITELLM_PROXY_API_BASE, the URL of your LiteLLM proxy");
}

// Read now, so that a wrong path is told at the start and not by every call.
void check_authorities(const char* variable, const std::string& file) {
  if (file.empty()) return;
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  if (text.find("-----BEGIN ") == std::string::npos)
    bad_value(variable, file, "a readable PEM file of certificates");
}

void check_requirements(const Settings& settings) {
  if (settings.require.empty()) return;
  const std::vector<std::string_view>& known = option_called("require").offered;
  for (const std::string& word : split(settings.require, ',')) {
    if (std::find(known.begin(), known.end(), trim(word)) == known.end())
      bad_value("RYUMEM_WORKER_REQUIRE", settings.require,
                "made of the words redis, server and provider, with commas between");
  }
}

// A cache that may fill all that a worker may have makes it be replaced, or die, for ever.
void check_memory(const char* variable, int limit, const Settings& settings) {
  constexpr int kWithoutCache = 32;  // MB: what a worker with some jobs in hand takes
  const int least = settings.embedding_cache + kWithoutCache;
  if (limit == 0 || limit >= least) return;
  bad_value(variable, std::to_string(limit),
            "at least " + std::to_string(least) + ", since RYUMEM_WORKER_EMBEDDING_CACHE_MB is " +
                std::to_string(settings.embedding_cache) + " and a worker needs " +
                std::to_string(kWithoutCache) + " besides");
}

}  // namespace

bool is_required(const Settings& settings, std::string_view what) {
  for (const std::string& word : split(settings.require, ','))
    if (trim(word) == what) return true;
  return false;
}

void check_settings(Settings& settings, bool keys_known, Mistakes& mistakes) {
  const auto attempt = [&mistakes](const auto& check) {
    try {
      check();
    } catch (const Failure& failure) {
      mistakes.add(failure);
    }
  };
  if (settings.google_api_key.empty()) settings.google_api_key = settings.gemini_api_key;
  attempt([&] {
    const ProviderDefaults& llm = defaults_of("LLM_PROVIDER", settings.llm_provider);
    if (settings.llm_model.empty()) settings.llm_model = llm.llm_model;
    if (settings.chunk_tokens == 0) settings.chunk_tokens = llm.chunk_tokens;
    check_access("LLM_PROVIDER", settings.llm_provider, settings, keys_known);
  });
  attempt([&] {
    const ProviderDefaults& embedding =
        defaults_of("EMBEDDING_PROVIDER", settings.embedding_provider);
    if (settings.embedding_model.empty()) settings.embedding_model = embedding.embedding_model;
    if (settings.embedding_dimensions == 0) settings.embedding_dimensions = embedding.dimensions;
    check_access("EMBEDDING_PROVIDER", settings.embedding_provider, settings, keys_known);
  });
  attempt([&] { check_url("SERVER_URL", settings.server_url); });
  attempt([&] { check_url("OLLAMA_BASE_URL", settings.ollama_url); });
  attempt([&] { check_url("GOOGLE_GEMINI_BASE_URL", settings.gemini_url); });
  attempt([&] { check_url("OPENAI_BASE_URL", settings.openai_url); });
  attempt([&] {
    if (!settings.litellm_url.empty()) check_url("LITELLM_PROXY_API_BASE", settings.litellm_url);
  });
  attempt([&] { check_requirements(settings); });
  attempt([&] {
    check_memory("RYUMEM_WORKER_RECYCLE_MEMORY_MB", settings.recycle_memory, settings);
    check_memory("RYUMEM_WORKER_MEMORY_LIMIT_MB", settings.memory_limit, settings);
  });
  attempt([&] { caps_of(settings); });
  attempt([&] { check_authorities("RYUMEM_WORKER_CA_FILE", settings.ca_file); });
  attempt([&] { Prices::read(settings.price_file); });
  attempt([&] { parse_listen(settings.listen); });
  attempt([&] { check_redis(settings, mistakes); });
}

Environment to_environment(const Settings& settings) {
  Environment out;
  for (const Option& option : option_table()) {
    // What is in the files of settings is in the other variables already.
    if (option.section != Section::files) out[option.variable] = value_of(settings, option);
  }
  return out;
}

Settings from_environment(const Environment& environment) {
  Settings settings;
  for (const Option& option : option_table()) {
    const auto said = environment.find(option.variable);
    const bool is_said = said != environment.end();
    set_value(settings, option, option.variable, is_said ? said->second : option.fallback);
  }
  return settings;
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
  unsigned char address[sizeof(in6_addr)];
  const bool known = inet_pton(AF_INET, host.c_str(), address) == 1 ||
                     inet_pton(AF_INET6, host.c_str(), address) == 1;
  if (port < 0 || port > 65535 || !known)
    bad_value("RYUMEM_WORKER_LISTEN", text,
              "ADDRESS:PORT with the address in digits, for example 127.0.0.1:9464");
  return {host, port};
}

int exit_code(const Failure& failure) {
  switch (failure.kind()) {
    case Kind::usage:
      return 64;
    case Kind::unavailable:
      return 69;
    case Kind::system:
      return 71;
    case Kind::permission:
      return 77;
    case Kind::configuration:
      return 78;
    default:
      return 70;
  }
}

}  // namespace ryumem
