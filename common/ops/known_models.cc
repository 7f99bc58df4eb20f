#include "common/ops/known_models.h"

#include <fmt/format.h>

namespace ryumem {
namespace {

constexpr std::string_view kGeminiChat = "gemini-3.5-flash-lite";
constexpr std::string_view kGeminiEmbedding = "gemini-embedding-001";
constexpr std::string_view kOpenAiChat = "gpt-6-luna";

// As the vendors announced it; state of November 2026.
constexpr RetiredModel kRetired[] = {
    {"gemini-1.0-pro", "2025-09-24", kGeminiChat, false},
    {"gemini-1.5-flash", "2025-09-24", kGeminiChat, false},
    {"gemini-1.5-flash-8b", "2025-09-24", kGeminiChat, false},
    {"gemini-1.5-pro", "2025-09-24", kGeminiChat, false},
    {"gemini-2.0-flash-exp", "2026-01-31", kGeminiChat, false},
    {"gemini-2.0-flash", "2026-06-01", kGeminiChat, false},
    {"gemini-2.0-flash-001", "2026-06-01", kGeminiChat, false},
    {"gemini-2.0-flash-lite", "2026-06-01", kGeminiChat, false},
    {"gemini-2.0-flash-lite-001", "2026-06-01", kGeminiChat, false},
    {"gemini-3-pro-preview", "2026-03-09", "gemini-3.1-pro-preview", false},
    {"gemini-2.5-flash", "2026-12-01", kGeminiChat, false},
    {"gemini-2.5-pro", "2026-12-01", "gemini-3.8-flash", false},
    {"text-embedding-004", "2026-01-14", kGeminiEmbedding, true},
    {"embedding-001", "2025-10-30", kGeminiEmbedding, true},
    {"gpt-3.5-turbo", "2026-10-23", kOpenAiChat, false},
    {"gpt-3.5-turbo-0125", "2026-10-23", kOpenAiChat, false},
    {"gpt-4", "2026-10-23", kOpenAiChat, false},
    {"gpt-4-0613", "2026-10-23", kOpenAiChat, false},
    {"gpt-4-turbo", "2026-10-23", kOpenAiChat, false},
    {"gpt-4-turbo-2024-04-09", "2026-10-23", kOpenAiChat, false},
    {"gpt-4o-2024-05-13", "2026-10-23", kOpenAiChat, false},
    {"gpt-4.1-nano", "2026-10-23", kOpenAiChat, false},
    {"o1", "2026-10-23", kOpenAiChat, false},
    {"o1-pro", "2026-10-23", kOpenAiChat, false},
    {"o3-mini", "2026-10-23", kOpenAiChat, false},
    {"o4-mini", "2026-10-23", kOpenAiChat, false},
    {"chatgpt-4o-latest", "2026-02-28", kOpenAiChat, false},
    {"gpt-5", "2026-12-11", kOpenAiChat, false},
    {"gpt-5-mini", "2026-12-11", kOpenAiChat, false},
    {"gpt-5-nano", "2026-12-11", kOpenAiChat, false},
    {"gpt-5-pro", "2026-12-11", kOpenAiChat, false},
    {"o3", "2026-12-11", kOpenAiChat, false},
    {"o3-pro", "2026-12-11", kOpenAiChat, false},
    {"gpt-4o", "2027-01-14", kOpenAiChat, false},
    {"gpt-4o-mini", "2027-01-14", kOpenAiChat, false},
    {"gpt-4.1", "2027-01-14", kOpenAiChat, false},
    {"gpt-4.1-mini", "2027-01-14", kOpenAiChat, false},
    {"gpt-5.1", "2027-04-01", kOpenAiChat, false},
    {"gemini-3.1-flash-lite", "2027-05-07", kGeminiChat, false},
};

void warn(std::vector<std::string>& out, std::string_view variable, const std::string& provider,
          const std::string& model, bool vendor, std::string_view today) {
  // What runs on a machine of one's own is shut down by nobody else.
  if (provider == "ollama" || (provider == "openai" && !vendor)) return;
  const RetiredModel* retired = retired_model(model);
  if (retired == nullptr) return;
  std::string line = fmt::format("{}: {} {} shut down on {}; use {}", variable, model,
                                 retired->last_day <= today ? "was" : "will be", retired->last_day,
                                 retired->replacement);
  if (retired->embeds)
    line +=
        ", whose vectors do not fit those that are already in the graph (docs/providers.md says "
        "what to do)";
  out.push_back(line);
}

}  // namespace

const std::vector<ProviderDefaults>& known_providers() {
  static const std::vector<ProviderDefaults> providers = {
      {"gemini", kGeminiChat.data(), kGeminiEmbedding.data(), 768, 4000},
      {"openai", kOpenAiChat.data(), "text-embedding-3-large", 3072, 4000},
      {"ollama", "qwen2.5:7b", "nomic-embed-text", 768, 2000},
      {"litellm", kOpenAiChat.data(), "text-embedding-3-large", 3072, 4000},
  };
  return providers;
}

const std::string& url_of_provider(const Settings& settings, std::string_view provider) {
  if (provider == "gemini") return settings.gemini_url;
  if (provider == "openai") return settings.openai_url;
  if (provider == "litellm") return settings.litellm_url;
  return settings.ollama_url;
}

const RetiredModel* retired_model(std::string_view name) {
  // "litellm_proxy/openai/gpt-4", "models/embedding-001"
  if (const std::size_t slash = name.rfind('/'); slash != name.npos) name.remove_prefix(slash + 1);
  for (const RetiredModel& model : kRetired)
    if (model.name == name) return &model;
  return nullptr;
}

bool is_gemini_itself(const Settings& settings) {
  return settings.gemini_url.starts_with("https://generativelanguage.googleapis.com");
}

bool is_openai_itself(const Settings& settings) {
  return settings.openai_url.starts_with("https://api.openai.com");
}

std::vector<std::string> model_warnings(const Settings& settings, std::string_view today) {
  std::vector<std::string> out;
  warn(out, "LLM_MODEL", settings.llm_provider, settings.llm_model, is_openai_itself(settings),
       today);
  warn(out, "EMBEDDING_MODEL", settings.embedding_provider, settings.embedding_model,
       is_openai_itself(settings), today);
  return out;
}

}  // namespace ryumem
