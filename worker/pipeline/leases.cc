#include "worker/pipeline/leases.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "common/async/timer.h"
#include "common/base/log.h"

namespace ryumem {

Leases::Hold::Hold(Leases& leases, const Claim& claim, std::int64_t claimed_at, Cancel& job)
    : leases_(leases), id_(claim.id), token_(claim.token), confirmed_at_(claimed_at), job_(job) {
  place_ = leases_.holds_.insert(leases_.holds_.end(), this);
  job_.set_permission([this] { return ensure(job_.beginning()); });
}

Leases::Hold::~Hold() {
  job_.set_permission(nullptr);
  leases_.holds_.erase(place_);
}

Task<> Leases::Hold::ensure(Cancel& cancel) {
  constexpr Millis kAskAgain{200};
  // Three quarters: what we are about to do must begin while the lease holds.
  const std::int64_t safe = leases_.queue_.lease().count() * 3 / 4;
  while (boottime_ms() - confirmed_at_ > safe) {
    cancel.throw_if_requested();
    try {
      co_await leases_.renew_all(cancel);
      continue;
    } catch (const Failure& failure) {
      cancel.throw_if_requested();
      spdlog::debug("leases are not renewed: {}", failure.what());
    }
    co_await Sleep(kAskAgain, cancel);
  }
  cancel.throw_if_requested();
}

Task<> Leases::keep(Cancel& cancel) {
  const Millis period = queue_.lease() / 4;
  try {
    for (;;) {
      co_await Sleep(period, cancel);
      try {
        co_await renew_all(cancel);
      } catch (const Failure& failure) {
        cancel.throw_if_requested();
        spdlog::debug("leases are not renewed: {}", failure.what());
      }
    }
  } catch (const Failure&) {
    // The process ends.
  }
}

void Leases::lose(Hold& hold) {
  if (hold.job_.requested()) return;
  slot_.leases_lost.add();
  log_job(spdlog::level::warn, LogSubject(hold.id_), "its lease is lost, the work on it stops");
  hold.job_.request(Failure(Kind::lease_lost, "the lease is lost"));
}

Task<> Leases::renew_all(Cancel& cancel) {
  if (holds_.empty()) co_return;
  std::map<std::string, std::string> tokens;
  // The newest first: a job that was taken back and claimed again by this process is the later
  // claim's, so the earlier one need not be asked about.
  for (auto hold = holds_.rbegin(); hold != holds_.rend(); ++hold)
    if (!tokens.emplace((*hold)->id_, (*hold)->token_).second) lose(**hold);
  const std::int64_t sent_at = boottime_ms();
  const std::vector<std::string> lost = co_await queue_.renew(tokens, cancel);
  for (Hold* hold : holds_) {
    const auto asked = tokens.find(hold->id_);
    if (asked == tokens.end() || asked->second != hold->token_) continue;
    if (std::find(lost.begin(), lost.end(), hold->id_) == lost.end())
      hold->confirmed_at_ = sent_at;
    else
      lose(*hold);
  }
}

}  // namespace ryumem
