// What a provider tells of a model without setting it to work: whether this key may use it, and how
// much it takes at a time. That costs nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "worker/providers/provider.h"

namespace ryumem {

/// What is known of a model.
struct ModelCard {
  std::int64_t context_tokens = 0;  // question and answer, or the question alone; 0: not told

  ModelCard() = default;
};

HttpRequest card_request(const Provider& provider, const Endpoint& endpoint);

/// Whether the request asks for all models there are. Then a reply of 404 says nothing of the
/// model, but that this server has no such list.
bool card_is_in_a_list(const Provider& provider);

/// Reads a reply of status 200; nothing if the model is not in the list. Throws
/// Failure(Kind::bad_answer) for what is neither.
std::optional<ModelCard> read_card(const Provider& provider, const Endpoint& endpoint,
                                   const HttpReply& reply);

}  // namespace ryumem
