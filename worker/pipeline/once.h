// One job's work, done once: what the journal has is not asked for or done again, and what is asked
// or done is in the journal before anybody acts on it.
#pragma once

#include <memory>

#include "common/ops/scoreboard.h"
#include "common/ops/tally.h"
#include "common/queue/journal.h"
#include "worker/pipeline/leases.h"

namespace ryumem {

class Once {
 public:
  /// All outlive it. `job` ends the work, and its beginning() what has not begun; `process` ends
  /// only with the process.
  Once(Journal& journal, Leases::Hold& hold, Slot& slot, Cancel& job, Cancel& process)
      : journal_(journal), hold_(&hold), slot_(slot), job_(job), process_(process) {}
  /// Of what is no job, and nobody else's.
  Once(Journal& journal, Slot& slot, Cancel& work)
      : journal_(journal), slot_(slot), job_(work), process_(work) {}

  /// The answer of a paid call: from the journal, or by `ask()`, a Task<std::string>.
  template <class Ask>
  Task<std::string> paid(std::string step, Ask ask) {
    if (const std::optional<std::string> known = journal_.find(step)) {
      slot_.calls_saved.add();
      ++tally_->saved;
      co_return *known;
    }
    co_await may_begin();
    co_await journal_.asking(step, job_);
    std::string answer;
    try {
      answer = co_await ask();
    } catch (const Failure& failure) {
      if (job_.requested()) slot_.calls_abandoned.add();
      journal_.failed(step);
      throw;
    }
    co_await journal_.answered(step, answer, process_);
    job_.throw_if_requested();
    co_return answer;
  }

  /// The outcome of an act that must not be repeated: from the journal, or by `act()`, a
  /// Task<std::string>.
  template <class Act>
  Task<std::string> done(std::string what, Act act) {
    if (const std::optional<std::string> known = journal_.find(what)) co_return *known;
    co_await may_begin();
    std::string outcome = co_await act();
    co_await journal_.done(what, outcome, process_);
    job_.throw_if_requested();
    co_return outcome;
  }

  /// The account of the calls that are made for the job.
  const std::shared_ptr<Tally>& tally() const { return tally_; }

  /// Has the journal anything of that name?
  bool knows(const std::string& what) const { return journal_.find(what).has_value(); }

  /// Writes down what was found out, for whoever goes on with the job.
  Task<> remember(std::string what, std::string value) {
    co_await journal_.done(std::move(what), std::move(value), process_);
    job_.throw_if_requested();
  }

  /// The answer under `step` is not what it was taken for.
  Task<> forget(std::string step) { co_await journal_.forget(std::move(step), job_); }

 private:
  Task<> may_begin() {
    job_.beginning().throw_if_requested();
    if (hold_ != nullptr) co_await hold_->ensure(job_.beginning());
  }

  Journal& journal_;
  Leases::Hold* hold_ = nullptr;
  Slot& slot_;
  Cancel& job_;
  Cancel& process_;
  std::shared_ptr<Tally> tally_ = std::make_shared<Tally>();
};

}  // namespace ryumem
