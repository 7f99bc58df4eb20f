#include "common/queue/journal.h"

namespace ryumem {

Journal::Journal(Queue& queue, const Claim& claim)
    : queue_(queue), id_(claim.id), token_(claim.token), fields_(claim.journal) {}

std::optional<std::string> Journal::find(const std::string& field) const {
  const auto found = fields_.find(field);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

Task<> Journal::asking(std::string step, Cancel& cancel) {
  const Settled settled =
      co_await queue_.note(id_, token_, "asked", std::move(step), false, cancel);
  check(settled);
}

Task<> Journal::answered(std::string field, std::string answer, Cancel& process) {
  fields_[field] = answer;
  const Settled settled =
      co_await queue_.note(id_, token_, std::move(field), std::move(answer), true, process);
  check(settled);
}

Task<> Journal::done(std::string field, std::string value, Cancel& process) {
  fields_[field] = value;
  const Settled settled =
      co_await queue_.note(id_, token_, std::move(field), std::move(value), false, process);
  check(settled);
}

Task<> Journal::forget(std::string field, Cancel& cancel) {
  fields_.erase(field);
  const Settled settled = co_await queue_.forget(id_, token_, std::move(field), cancel);
  check(settled);
}

void Journal::check(Settled settled) const {
  if (settled != Settled::done)
    throw Failure(Kind::lease_lost, "job " + id_ + " is in other hands now");
}

}  // namespace ryumem
