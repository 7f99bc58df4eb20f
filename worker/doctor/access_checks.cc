#include "worker/doctor/access_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/clock.h"
#include "common/ops/known_models.h"
#include "worker/doctor/remedy.h"
#include "worker/providers/model_card.h"

namespace ryumem {
namespace {

constexpr Millis kLimit{15'000};
// What a question about a text has besides the text, and room for the answer, in tokens.
constexpr std::int64_t kBesideTheText = 2000;

// One of the two models as it is configured.
struct Configured {
  const char* thing;
  bool extracts;
  const Provider& provider;
  Endpoint endpoint;

  Configured(const char* the_thing, bool does_extract, const std::string& the_provider,
             const std::string& model, const Settings& settings)
      : thing(the_thing),
        extracts(does_extract),
        provider(provider_named(the_provider)),
        endpoint(provider.endpoint(settings)) {
    endpoint.model = model;
  }
  std::string name() const { return std::string(provider.name) + " " + endpoint.model; }
};

// A model that is known to be gone, or to go.
bool judge_age(const Configured& one, Checkup& checkup) {
  const RetiredModel* retired = retired_model(one.endpoint.model);
  if (retired == nullptr || !one.endpoint.of_the_vendor) return true;
  const bool gone = retired->last_day <= utc_timestamp().substr(0, retired->last_day.size());
  const std::string what =
      fmt::format("{} {} shut down on {}", one.name(), gone ? "was" : "will be", retired->last_day);
  std::string remedy = fmt::format("use {}", retired->replacement);
  if (retired->embeds)
    remedy += "; its vectors do not fit those in the graph, see docs/providers.md";
  if (gone)
    checkup.fail(one.thing, what, remedy);
  else
    checkup.warn(one.thing, what, remedy);
  return !gone;
}

void judge_context(const Configured& one, const ModelCard& card, const Settings& settings,
                   Checkup& checkup) {
  const std::int64_t window = card.context_tokens;
  if (window == 0 || !one.extracts) return;
  const bool ollama = one.provider.name == kOllama.name;
  if (ollama && window < settings.context_tokens)
    checkup.warn("context",
                 fmt::format("{} takes {} tokens, and is asked to take {}", one.name(), window,
                             settings.context_tokens),
                 fmt::format("set --context-tokens to {}, or choose another model", window));
  // The answer to a text may be as long as the text.
  const std::int64_t needed = std::int64_t{2} * settings.chunk_tokens + kBesideTheText;
  const std::int64_t given =
      ollama ? std::min<std::int64_t>(window, settings.context_tokens) : window;
  if (given < needed)
    checkup.warn("context",
                 fmt::format("{} takes {} tokens; a piece of {} needs up to {}", one.name(), given,
                             settings.chunk_tokens, needed),
                 "lower --chunk-tokens, or choose a model with a larger context");
  else
    checkup.ok("context", fmt::format("{} tokens; a piece of {} needs up to {}", given,
                                      settings.chunk_tokens, needed));
}

void judge_list_without(const Configured& one, Checkup& checkup) {
  const std::string what = fmt::format("{} answers, and has no model \"{}\" in its list",
                                       one.provider.name, one.endpoint.model);
  const std::string remedy = "choose a model that it has";
  // A proxy takes names that it does not list, and llama.cpp takes any.
  if (one.endpoint.of_the_vendor)
    checkup.fail(one.thing, what, remedy);
  else
    checkup.warn(one.thing, what, remedy);
}

Task<> check_one(HttpClient& http, const Configured& one, const Settings& settings,
                 Checkup& checkup, Cancel& cancel) {
  if (!judge_age(one, checkup)) co_return;
  HttpRequest request = card_request(one.provider, one.endpoint);
  request.timeout = kLimit;
  try {
    const HttpReply reply = co_await http.send(std::move(request), cancel);
    const bool no_list =
        card_is_in_a_list(one.provider) && (reply.status == 404 || reply.status == 405);
    if (no_list) {
      checkup.skip(one.thing, fmt::format("{} has no list of models", one.provider.name));
      co_return;
    }
    if (reply.status != 200) throw one.provider.read_error(one.endpoint, reply);
    const std::optional<ModelCard> card = read_card(one.provider, one.endpoint, reply);
    if (!card) {
      judge_list_without(one, checkup);
      co_return;
    }
    checkup.ok(one.thing, fmt::format("{} is there{}", one.name(),
                                      one.endpoint.key.empty() ? "" : ", and the key is taken"));
    judge_context(one, *card, settings, checkup);
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    checkup.fail(one.thing, one.name() + ": " + failure.what(),
                 remedy_for(failure, std::string(one.provider.name)));
  }
}

}  // namespace

Task<> check_access(HttpClient& http, const Settings& settings, Checkup& checkup, Cancel& cancel) {
  const Configured chat("chat access", true, settings.llm_provider, settings.llm_model, settings);
  const Configured embedding("embedding access", false, settings.embedding_provider,
                             settings.embedding_model, settings);
  co_await check_one(http, chat, settings, checkup, cancel);
  co_await check_one(http, embedding, settings, checkup, cancel);
}

}  // namespace ryumem
