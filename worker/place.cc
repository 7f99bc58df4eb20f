#include "worker/place.h"

#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <csignal>

#include "common/base/this_host.h"
#include "common/net/stream.h"

namespace ryumem {
namespace {

// Where a supervisor puts what a worker inherits.
constexpr int kLifelineFd = 3;
constexpr int kScoreboardFd = 4;

std::string value_of(const Environment& environment, const char* variable) {
  const auto found = environment.find(variable);
  return found == environment.end() ? "" : found->second;
}

int number_in(const Environment& environment, const char* variable) {
  const std::string text = value_of(environment, variable);
  int number = -1;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || number < 0)
    throw Failure(Kind::system, std::string(variable) + " is \"" + text +
                                    "\", not a number; ryumem-worker is started by ryumemd");
  return number;
}

}  // namespace

Place::Place(const Environment& environment)
    : alone_(value_of(environment, "RYUMEM_SLOT").empty()),
      index_(alone_ ? 0 : number_in(environment, "RYUMEM_SLOT")),
      board_(alone_ ? Scoreboard::create(1) : Scoreboard::attach(kScoreboardFd)),
      owner_(value_of(environment, "RYUMEM_OWNER")) {
  if (owner_.empty()) owner_ = unique_name();
  if (index_ >= board_.slots())
    throw Failure(Kind::system, "the scoreboard has no slot " + std::to_string(index_));
  if (alone_) return;
  // Not TERM: the kernel sends it once for every thread of the supervisor that ends, and a second
  // TERM means hurry.
  prctl(PR_SET_PDEATHSIG, SIGHUP);
  // It may have died before the line above.
  if (getppid() != number_in(environment, "RYUMEM_SUPERVISOR_PID"))
    throw Failure(Kind::system, "the supervisor is gone");
}

Task<> Place::watch_supervisor(Shutdown& shutdown, Cancel& cancel) {
  Stream lifeline = Stream::adopt(kLifelineFd);
  try {
    const std::string nothing = co_await lifeline.read(cancel);
  } catch (const Failure&) {
    if (cancel.requested()) co_return;
  }
  shutdown.begin("the supervisor is gone");
}

}  // namespace ryumem
