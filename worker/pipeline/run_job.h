// One job, from its claim to its settlement in Redis.
#pragma once

#include <memory>

#include "common/ops/options.h"
#include "common/ops/tally.h"
#include "common/queue/queue.h"
#include "worker/pipeline/extract.h"
#include "worker/pipeline/verdict.h"

namespace ryumem {

class JobRunner {
 public:
  /// All outlive it. `buried` is notified when there is a letter to tell the server of.
  JobRunner(Queue& queue, Leases& leases, Extraction& extraction, Circuits& circuits,
            Notice& buried, const Settings& settings, Slot& slot)
      : queue_(queue),
        leases_(leases),
        extraction_(extraction),
        circuits_(circuits),
        buried_(buried),
        settings_(settings),
        caps_(caps_of(settings)),
        slot_(slot) {}

  /// Never throws. `claimed_at`: boottime_ms() before the claim. `canary`: it was taken to probe a
  /// circuit. `work` ends the work on the job (which is then given back); `last` ends also the
  /// waiting for Redis.
  Task<> run(Claim claim, std::int64_t claimed_at, bool canary, Cancel& work, Cancel& last);

 private:
  Task<> run_readable(const Claim& claim, const Job& job, std::int64_t claimed_at, bool canary,
                      Cancel& work, Cancel& last);
  Task<bool> park(const Claim& claim, const Job& job, Cancel& cancel);
  Task<> settle_failed(const Claim& claim, const Job& job, Failure failure, bool canary,
                       Attempt& attempt, std::shared_ptr<Tally> tally, Cancel& last);
  Task<> bury_unreadable(const Claim& claim, Failure failure, Cancel& last);
  void count(Outcome outcome, Settled settled, const std::string& id);

  Queue& queue_;
  Leases& leases_;
  Extraction& extraction_;
  Circuits& circuits_;
  Notice& buried_;
  const Settings& settings_;
  Caps caps_;
  Slot& slot_;
};

}  // namespace ryumem
