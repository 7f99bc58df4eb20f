#include "worker/pipeline/steps.h"

#include "common/base/log.h"

namespace ryumem {

Attempt::Attempt(std::string job_id, Slot& slot)
    : job_id_(std::move(job_id)), slot_(slot), began_(Monotonic::now()), step_began_(began_) {
  slot_.jobs_in_hand.add();
}

Attempt::~Attempt() {
  leave();
  slot_.attempt.observe(seconds());
  slot_.jobs_in_hand.store(slot_.jobs_in_hand.load() - 1);
}

void Attempt::enter(Step step) {
  leave();
  step_ = step;
  step_began_ = Monotonic::now();
  log_job(spdlog::level::debug, LogSubject(job_id_, name(step)), "begins");
}

void Attempt::leave() {
  if (step_) slot_.of(*step_).observe(seconds_between(step_began_, Monotonic::now()));
  step_.reset();
}

std::string_view Attempt::step_name() const { return step_ ? name(*step_) : "claim"; }

double Attempt::seconds() const { return seconds_between(began_, Monotonic::now()); }

}  // namespace ryumem
