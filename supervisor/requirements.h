// --require: what has to be there soon after the start, or else ryumemd ends with exit code 69, so
// that whoever started it knows.
#pragma once

#include <string>
#include <vector>

#include "common/async/cancel.h"
#include "common/async/task.h"
#include "common/net/redis_url.h"
#include "common/ops/options.h"
#include "supervisor/queue_watch.h"

namespace ryumem {

/// Where something must answer, and what it is for.
struct Required {
  std::string what;  // "the server at http://localhost:8000"
  HostPort where;
  Required(std::string name, HostPort address) : what(std::move(name)), where(std::move(address)) {}
};

/// The addresses that --require asks for: those of the server and of the providers that these
/// settings use. Redis is not among them.
std::vector<Required> required_addresses(const Settings& settings);

/// Returns as soon as all that is required has been there. Redis has, when it has been asked how
/// long the queue is; the others, when somebody takes a connection at their address: asking them
/// more than that may cost money. Throws Failure(Kind::unavailable), which names what has not come
/// within --require-within, or the cancellation's reason. Both arguments outlive it.
Task<> wait_for_required(const Settings& settings, const QueueWatch& queue, Cancel& cancel);

}  // namespace ryumem
