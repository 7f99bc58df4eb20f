#include "common/queue/journal.h"

namespace ryumem {

Journal::Journal(Queue& queue, const Claim& claim)
    : queue_(&queue), id_(claim.id), token_(claim.token), fields_(claim.journal) {}

std::optional<std::string> Journal::find(const std::string& field) const {
  const auto found = fields_.find(field);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

Task<> Journal::asking(std::string step, Cancel& cancel) {
  asked_.insert(std::move(step));
  co_await note("asked", still_asked(), std::nullopt, cancel);
}

void Journal::failed(const std::string& step) {
  const auto found = asked_.find(step);
  if (found != asked_.end()) asked_.erase(found);
}

Task<> Journal::answered(std::string step, std::string answer, Cancel& process) {
  failed(step);
  fields_[step] = answer;
  const std::optional<std::string> rest = still_asked();
  co_await note(std::move(step), std::move(answer), rest, process);
}

// The steps of all calls under way, with blanks between them.
std::string Journal::still_asked() const {
  std::string steps;
  for (const std::string& step : asked_) steps += (steps.empty() ? "" : " ") + step;
  return steps;
}

Task<> Journal::done(std::string field, std::string value, Cancel& process) {
  fields_[field] = value;
  co_await note(std::move(field), std::move(value), std::nullopt, process);
}

Task<> Journal::forget(std::string field, Cancel& cancel) {
  fields_.erase(field);
  if (queue_ == nullptr) co_return;
  const Settled settled = co_await queue_->forget(id_, token_, std::move(field), cancel);
  check(settled);
}

Task<> Journal::note(std::string field, std::string value, std::optional<std::string> asked,
                     Cancel& cancel) {
  if (queue_ == nullptr) co_return;
  const Settled settled = co_await queue_->note(id_, token_, std::move(field), std::move(value),
                                                std::move(asked), cancel);
  check(settled);
}

void Journal::check(Settled settled) const {
  if (settled != Settled::done)
    throw Failure(Kind::lease_lost, "job " + id_ + " is in other hands now");
}

}  // namespace ryumem
