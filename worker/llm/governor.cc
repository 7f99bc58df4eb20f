#include "worker/llm/governor.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "common/async/scope.h"

namespace ryumem {
namespace {

// Enough to tell keys apart, and far too little to find one by.
constexpr std::size_t kDigestBytes = 4;

std::string digest(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  std::string out;
  for (std::size_t i = 0; i < kDigestBytes; ++i) out += fmt::format("{:02x}", hash.at(i));
  return out;
}

std::string lane_of(Call call, const Settings& settings) {
  const bool is_chat = call == Call::chat;
  const Provider& provider =
      provider_named(is_chat ? settings.llm_provider : settings.embedding_provider);
  Endpoint endpoint = provider.endpoint(settings);
  endpoint.model = is_chat ? settings.llm_model : settings.embedding_model;
  return lane_name(call, provider.name, endpoint);
}

}  // namespace

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
