// What this version knows of the providers' models: which it takes by default, and which have been
// shut down, so that an old configuration is told what to change before anything fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/ops/options.h"

namespace ryumem {

struct ProviderDefaults {
  std::string_view provider;
  const char* llm_model;
  const char* embedding_model;
  int dimensions;
  int chunk_tokens;
};

/// All providers, in the order in which they are named to people.
const std::vector<ProviderDefaults>& known_providers();

/// Where a provider of these settings answers.
const std::string& url_of_provider(const Settings& settings, std::string_view provider);

struct RetiredModel {
  std::string_view name;
  std::string_view last_day;     // "2026-06-01"; may lie ahead
  std::string_view replacement;  // of the same class, alive when this version was made
  bool embeds;                   // its vectors are of no use beside those of the replacement
};

/// The entry of a model that was, or will be, shut down; nothing for any other. Prefixes such as
/// "models/" or "openai/" do not count.
const RetiredModel* retired_model(std::string_view name);

/// Whether the URL is the vendor's own, and not that of a server that speaks its wire.
bool is_gemini_itself(const Settings& settings);
bool is_openai_itself(const Settings& settings);

/// What to tell the operator about the models of these settings on that day ("2026-11-25"): one
/// line for each that is gone or going, naming its replacement.
std::vector<std::string> model_warnings(const Settings& settings, std::string_view today);

}  // namespace ryumem
