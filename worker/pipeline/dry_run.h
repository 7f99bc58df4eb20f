// What a job with this text would come to: the models are asked as a job asks them, and nothing is
// written anywhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "common/queue/job.h"
#include "worker/llm/answer.h"
#include "worker/llm/chat_model.h"
#include "worker/llm/embedder.h"
#include "worker/llm/facts.h"

namespace ryumem {

struct DryRun {
  std::size_t pieces = 0;  // that the text was cut into
  Entities entities;
  Relationships relationships;
  std::vector<LeftOut> left_out;
  Step step = Step::extract_entities;  // the last one
  /// What ended it there; what was found until then is above.
  std::optional<Failure> failure;

  DryRun() = default;
};

class DryRunner {
 public:
  /// All outlive it.
  DryRunner(ChatModel& model, Embedder& embedder, Slot& slot, const Settings& settings)
      : model_(model), embedder_(embedder), slot_(slot), settings_(settings) {}

  /// A failure of the models is part of the result; only the cancellation's reason is thrown.
  Task<DryRun> run(const Job& job, Cancel& cancel);

 private:
  Task<> take_steps(const Job& job, DryRun& result, Cancel& cancel);

  ChatModel& model_;
  Embedder& embedder_;
  Slot& slot_;
  const Settings& settings_;
};

}  // namespace ryumem
