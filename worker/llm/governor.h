// The rate at which this process asks models, governed together with all processes of all hosts:
// one lane for questions, one for embeddings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "worker/llm/lane.h"
#include "worker/providers/provider.h"

namespace ryumem {

class Governor {
 public:
  /// `slot` outlives it.
  Governor(const Settings& settings, Slot& slot);

  Lane chat;
  Lane embedding;

  /// Speaks with Redis until `cancel`. `queue` outlives it.
  Task<> keep(Queue& queue, Cancel& cancel);

  /// How many jobs in hand are enough to use what may be sent; nothing: no limit is known.
  std::optional<std::size_t> enough_jobs() const;
};

/// What a provider counts together, as a name: what it does for us, who it is, which model, and a
/// few digits that stand for its address and our key, and tell nothing of them.
std::string lane_name(Call call, std::string_view provider, const Endpoint& endpoint);
/// The same for what these settings name; at a loopback address, with the name of this host.
std::string lane_of(Call call, const Settings& settings);

}  // namespace ryumem
