// One job, from its claim to its settlement in Redis.
#pragma once

#include "common/ops/options.h"
#include "common/queue/queue.h"
#include "worker/pipeline/extract.h"

namespace ryumem {

class JobRunner {
 public:
  /// All outlive it.
  JobRunner(Queue& queue, Extraction& extraction, GraphServer& graph, const Settings& settings,
            Slot& slot)
      : queue_(queue), extraction_(extraction), graph_(graph), settings_(settings), slot_(slot) {}

  /// Never throws. `work` ends the work on the job (which is then given back); `last` ends also the
  /// waiting for Redis and for the server that must be told of a failure.
  Task<> run(Claim claim, Cancel& work, Cancel& last);

 private:
  Task<> run_readable(const Job& job, std::string token, Cancel& work, Cancel& last);
  Task<> settle_failed(const Job& job, std::string token, Failure failure, Attempt& attempt,
                       Cancel& work, Cancel& last);
  Task<> tell_server(const Job& job, const Failure& failure, Cancel& cancel);
  Task<> set_aside(Claim claim, Failure failure, Cancel& last);
  void count(Outcome outcome, Settled settled, const Job& job);

  Queue& queue_;
  Extraction& extraction_;
  GraphServer& graph_;
  const Settings& settings_;
  Slot& slot_;
};

}  // namespace ryumem
