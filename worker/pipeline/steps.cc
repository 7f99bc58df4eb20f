#include "worker/pipeline/steps.h"

#include "common/base/log.h"

namespace ryumem {

Attempt::Attempt(std::string job_id, Slot& slot)
    : job_id_(std::move(job_id)), slot_(slot), began_(Monotonic::now()), step_began_(began_) {
  slot_.jobs_in_hand.add();
  show();
}

Attempt::~Attempt() {
  leave();
  if (shown_ != nullptr) shown_->began_ns.store(0);
  slot_.attempt.observe(seconds());
  slot_.jobs_in_hand.store(slot_.jobs_in_hand.load() - 1);
}

void Attempt::enter(Step step) {
  leave();
  step_ = step;
  step_began_ = Monotonic::now();
  slot_.doing[step].add();
  if (shown_ != nullptr) {
    shown_->step.store(static_cast<std::uint64_t>(step));
    shown_->step_ns.store(monotonic_ns());
  }
  log_job(spdlog::level::debug, LogSubject(job_id_, name(step)), "begins");
}

void Attempt::leave() {
  if (!step_) return;
  slot_.of(*step_).observe(seconds_between(step_began_, Monotonic::now()));
  slot_.doing[*step_].store(slot_.doing[*step_].load() - 1);
  step_.reset();
}

// The time comes last: it says that the place is taken, and the rest of it is right by then.
void Attempt::show() noexcept {
  for (WorkView& place : slot_.work) {
    if (place.began_ns.load() != 0) continue;
    place.id.set(job_id_);
    place.step.store(static_cast<std::uint64_t>(Step::count));
    place.step_ns.store(monotonic_ns());
    place.began_ns.store(monotonic_ns());
    shown_ = &place;
    return;
  }
}

std::string_view Attempt::step_name() const { return step_ ? name(*step_) : "claim"; }

double Attempt::seconds() const { return seconds_between(began_, Monotonic::now()); }

}  // namespace ryumem
