// Takes jobs from the queue and runs them, many at once.
#pragma once

#include "common/async/scope.h"
#include "common/ops/circuit.h"
#include "common/queue/pauses.h"
#include "common/queue/queue.h"
#include "worker/llm/governor.h"
#include "worker/pipeline/run_job.h"
#include "worker/quiet.h"
#include "worker/shutdown.h"

namespace ryumem {

class Consumer {
 public:
  /// All outlive it; `governor` may be null: then models may be asked at any rate. `waiting`: a
  /// connection of its own, for waiting for work. `pausable_by`: what a pause must be of to hold
  /// this process back (pauses.h).
  Consumer(Queue& queue, Redis& waiting, Circuits& circuits, JobRunner& runner, Quiet& quiet,
           int concurrency, std::vector<std::string> pausable_by = {kEverything},
           const Governor* governor = nullptr);

  /// Consumes until the shutdown begins, and returns when the last job is settled. Whatever Redis
  /// does meanwhile, it goes on.
  Task<> run(Shutdown& shutdown);

 private:
  Task<> take_some(Shutdown& shutdown);
  Task<> room_for_more(Shutdown& shutdown);
  std::size_t room() const;
  Task<bool> held_back(Shutdown& shutdown);
  Task<> run_one(Claim claim, std::int64_t claimed_at, bool canary, Shutdown* shutdown);

  Queue& queue_;
  Redis& waiting_;
  Circuits& circuits_;
  JobRunner& runner_;
  Quiet& quiet_;
  std::size_t concurrency_;
  std::vector<std::string> pausable_by_;
  const Governor* governor_;
  Pauses pauses_;
  std::string held_by_;  // the pause that was logged last; empty: none
  std::size_t in_hand_ = 0;
  Scope jobs_;
};

}  // namespace ryumem
