#include "worker/llm/governor.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/async/scope.h"
#include "common/base/this_host.h"
#include "common/net/loopback.h"
#include "common/ops/digest.h"

namespace ryumem {
namespace {

Endpoint endpoint_of(Call call, const Settings& settings) {
  const bool is_chat = call == Call::chat;
  const Provider& provider =
      provider_named(is_chat ? settings.llm_provider : settings.embedding_provider);
  Endpoint endpoint = provider.endpoint(settings);
  endpoint.model = is_chat ? settings.llm_model : settings.embedding_model;
  return endpoint;
}

}  // namespace

std::string lane_of(Call call, const Settings& settings) {
  const bool is_chat = call == Call::chat;
  const Endpoint endpoint = endpoint_of(call, settings);
  std::string name =
      lane_name(call, is_chat ? settings.llm_provider : settings.embedding_provider, endpoint);
  // The model of this host is another one than that of the next.
  if (is_loopback(endpoint.url)) name += "@" + host_name();
  return name;
}

std::string lane_name(Call call, std::string_view provider, const Endpoint& endpoint) {
  return fmt::format("{}:{}:{}:{}", name(call), provider, endpoint.model,
                     digest(endpoint.url + '\n' + endpoint.key));
}

Governor::Governor(const Settings& settings, Slot& slot)
    : chat(lane_of(Call::chat, settings),
           PerMinute(settings.llm_requests_per_minute, settings.llm_tokens_per_minute),
           static_cast<std::size_t>(settings.concurrency), slot.chat_waits),
      embedding(
          lane_of(Call::embed, settings),
          PerMinute(settings.embedding_requests_per_minute, settings.embedding_tokens_per_minute),
          static_cast<std::size_t>(settings.concurrency), slot.embed_waits) {}

Task<> Governor::keep(Queue& queue, Cancel& cancel) {
  Scope lanes;
  lanes.spawn(chat.keep(queue, cancel));
  lanes.spawn(embedding.keep(queue, cancel));
  co_await lanes.join();
}

std::optional<std::size_t> Governor::enough_jobs() const {
  const std::optional<std::size_t> of_chat = chat.enough_jobs();
  const std::optional<std::size_t> of_embedding = embedding.enough_jobs();
  if (!of_chat || !of_embedding) return of_chat ? of_chat : of_embedding;
  return std::min(*of_chat, *of_embedding);
}

}  // namespace ryumem
