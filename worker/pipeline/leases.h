// Keeps the leases of the jobs in hand, all with one command, and stops the work on those that are
// lost.
#pragma once

#include <list>
#include <string>

#include "common/ops/scoreboard.h"
#include "common/queue/queue.h"

namespace ryumem {

class Leases {
 public:
  /// Both outlive it.
  Leases(Queue& queue, Slot& slot) : queue_(queue), slot_(slot) {}

  /// A job in hand, from its claim until its destruction.
  class Hold {
   public:
    /// `claimed_at`: boottime_ms() before the claim was sent. `job` is asked to end, with
    /// Kind::lease_lost, when the lease is found lost; and it permits a call only after ensure(),
    /// since one may have waited for its turn for longer than the lease. It outlives the hold.
    Hold(Leases& leases, const Claim& claim, std::int64_t claimed_at, Cancel& job);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    /// Returns at once while the lease cannot have run out by our own clock; else (this process
    /// was stopped, or Redis was away) waits until Redis has said that it is still ours. Throws
    /// what `cancel` says, which is Kind::lease_lost if it is not.
    Task<> ensure(Cancel& cancel);

   private:
    friend class Leases;
    Leases& leases_;
    const std::string id_;
    const std::string token_;
    std::int64_t confirmed_at_;
    Cancel& job_;
    std::list<Hold*>::iterator place_;
  };

  /// Renews every quarter of the lease until `cancel`.
  Task<> keep(Cancel& cancel);

 private:
  Task<> renew_all(Cancel& cancel);
  void lose(Hold& hold);

  Queue& queue_;
  Slot& slot_;
  std::list<Hold*> holds_;  // in the order of their claims
};

}  // namespace ryumem
