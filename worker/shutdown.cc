#include "worker/shutdown.h"

#include <spdlog/spdlog.h>

namespace ryumem {
namespace {

// For giving jobs back once their work has stopped. The supervisor kills a second later.
constexpr Millis kForWriting{4000};

}  // namespace

void Shutdown::begin(const std::string& reason) {
  if (claims.requested()) return;
  spdlog::info("{}: no new jobs; those in hand have {} s", reason, grace_.count() / 1000);
  claims.request(Failure(Kind::stopping, reason));
  work_timer_.once(grace_, [this] { hurry(); });
}

void Shutdown::hurry() {
  if (work.requested()) return;
  begin("stopping at once");
  spdlog::info("giving back the jobs in hand");
  work.request(Failure(Kind::stopping, "the worker is stopping"));
  last_timer_.once(kForWriting, [this] {
    last.request(Failure(Kind::stopping, "the worker has to end, and Redis does not answer"));
  });
}

}  // namespace ryumem
