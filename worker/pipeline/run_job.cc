#include "worker/pipeline/run_job.h"

#include <fmt/format.h>

#include "common/async/timer.h"
#include "common/base/backoff.h"
#include "common/base/json_build.h"
#include "common/base/log.h"
#include "common/base/secrets.h"
#include "common/base/text.h"
#include "worker/pipeline/cause.h"
#include "worker/pipeline/text_reading.h"

namespace ryumem {
namespace {

// What the journal keeps of a failed attempt.
std::string record_of(const Failure& failure, const std::string& token) {
  JsonBuilder record = JsonBuilder::object();
  record.string("at", utc_timestamp())
      .string("kind", name(failure.kind()))
      .string("cause", cause_of(failure))
      .string("token", token);
  return record.print();
}

Burial burial_of(const Failure& failure, const std::string& token, int attempt) {
  Burial burial;
  burial.kind = name(failure.kind());
  burial.cause = cause_of(failure);
  burial.attempt = attempt;
  burial.record = record_of(failure, token);
  return burial;
}

std::string_view outcome_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::delay:
      return name(Outcome::delayed);
    case Verdict::bury:
      return name(Outcome::buried);
    case Verdict::give_back:
      return name(Outcome::given_back);
    case Verdict::let_go:
      break;
  }
  return "let_go";
}

// What an attempt's one line tells besides its text.
LogSubject line_of(const Job& job, const Attempt& attempt, std::string_view outcome,
                   const std::shared_ptr<Tally>& tally) {
  LogSubject line(job.id, attempt.step_name());
  line.word("outcome", std::string(outcome))
      .number("attempt", std::to_string(job.retry_count + 1))
      .number("seconds", fmt::format("{:.3f}", attempt.seconds()));
  if (!tally) return line;
  line.number("calls", std::to_string(tally->calls))
      .number("calls_saved", std::to_string(tally->saved))
      .number("tokens_in", fmt::format("{:.0f}", tally->tokens_in))
      .number("tokens_out", std::to_string(tally->tokens_out));
  if (tally->priced) line.number("cost_usd", fmt::format("{:.9f}", tally->nano_usd / 1e9));
  return line;
}

}  // namespace

Task<> JobRunner::run(Claim claim, std::int64_t claimed_at, bool canary, Cancel& work,
                      Cancel& last) {
  slot_.claimed.add();
  std::optional<Job> job;
  std::optional<Failure> failure;
  try {
    if (!claim.body) throw Failure(Kind::gone, "it has no body: " + claim.trouble);
    job = parse_job(claim.id, *claim.body, settings_.max_retries);
  } catch (...) {
    failure = current_failure();
  }
  try {
    if (failure)
      co_await bury_unreadable(claim, *failure, last);
    else
      co_await run_readable(claim, *job, claimed_at, canary, work, last);
  } catch (...) {
    // Only the end of the process gets here; the job stays in the processing list under our name.
    log_job(spdlog::level::warn, LogSubject(claim.id), "is left to be taken back: {}",
            current_failure().what());
  }
}

Task<> JobRunner::run_readable(const Claim& claim, const Job& job, std::int64_t claimed_at,
                               bool canary, Cancel& work, Cancel& last) {
  if (job.status == "completed") {
    // Enqueued twice, and done already: to do it again would be to pay for it again.
    log_job(spdlog::level::warn, LogSubject(job.id), "was in the queue although it is completed");
    const Settled settled = co_await queue_.complete(job, claim.token, last);
    count(Outcome::completed, settled, job.id);
    co_return;
  }
  const KeptSecret key(job.api_key);  // a server may repeat what it was sent
  Attempt attempt(job.id, slot_);
  std::shared_ptr<Tally> tally;
  LinkedCancel mine(work);
  LinkedCancel enough(static_cast<Cancel&>(mine));
  mine.set_beginning(enough);
  Leases::Hold hold(leases_, claim, claimed_at, mine);
  Journal journal(queue_, claim);
  std::optional<Failure> failure;
  try {
    // A call that is under way when the time is over has been paid for: its answer is waited for.
    const Failure overdue(Kind::transient, "the job took longer than its time-out");
    const Millis limit = time_for(job.content, settings_);
    const Deadline last_begin(enough, limit, overdue.unsent());
    const Deadline end(mine, limit + settings_.call_timeout, overdue);
    Once once(journal, hold, slot_, mine, last);
    tally = once.tally();
    const bool parked = co_await park(claim, job, mine);
    if (parked) co_return;
    const Settled started = co_await queue_.start(job, claim.token, mine);
    if (started != Settled::done)
      throw Failure(Kind::lease_lost, "the job was taken over before it was begun");
    slot_.claim_to_start.observe(static_cast<double>(boottime_ms() - claimed_at) / 1000);
    const Counts counts = co_await extraction_.run(job, attempt, once, mine);
    slot_.entities.add(static_cast<std::uint64_t>(counts.entities));
    slot_.relationships.add(static_cast<std::uint64_t>(counts.relationships));
    LogSubject line = line_of(job, attempt, name(Outcome::completed), tally);
    line.step.clear();
    line.number("entities", std::to_string(counts.entities))
        .number("relationships", std::to_string(counts.relationships));
    log_job(spdlog::level::info, line, "completed");
  } catch (...) {
    failure = current_failure().at(attempt.step_name());
  }
  // Once the server has heard of the end it is one, also if our time ran out before that was noted.
  const bool reported = journal.find(kReported).has_value();
  if (failure && (!reported || failure->kind() == Kind::lease_lost)) {
    co_await settle_failed(claim, job, *failure, canary, attempt, tally, last);
    co_return;
  }
  if (failure)
    log_job(spdlog::level::info, line_of(job, attempt, name(Outcome::completed), tally),
            "completed, although after that: {}", failure->what());
  attempt.enter(Step::acknowledge);
  const Settled settled = co_await queue_.complete(job, claim.token, last);
  count(Outcome::completed, settled, job.id);
  circuits_.job_completed();
}

// Before its first step: what has begun is finished, whatever it costs.
Task<bool> JobRunner::park(const Claim& claim, const Job& job, Cancel& cancel) {
  if (!caps_.any()) co_return false;
  const Parking parking = co_await queue_.park_if_capped(job, claim.token, caps_, cancel);
  if (parking == Parking::not_ours)
    throw Failure(Kind::lease_lost, "the job was taken over before it was begun");
  if (parking == Parking::go_on) co_return false;
  slot_.jobs[Outcome::parked].add();
  LogSubject line(job.id);
  line.word("outcome", std::string(name(Outcome::parked)));
  log_job(spdlog::level::info, line, "parked: what may be spent today is spent");
  co_return true;
}

Task<> JobRunner::settle_failed(const Claim& claim, const Job& job, Failure failure, bool canary,
                                Attempt& attempt, std::shared_ptr<Tally> tally, Cancel& last) {
  const int attempts = job.retry_count + 1;
  slot_.of(failure.kind()).add();
  const Verdict verdict = verdict_on(failure.kind(), job.retry_count, job.max_retries);
  LogSubject line = line_of(job, attempt, outcome_of(verdict), tally);
  line.word("kind", std::string(name(failure.kind())));
  log_job(spdlog::level::warn, line, "attempt {} of {} has failed: {}", attempts, job.max_retries,
          failure.what());
  attempt.enter(Step::acknowledge);
  switch (verdict) {
    case Verdict::delay: {
      const Millis delay =
          retry_delay(attempts, settings_.retry_first_delay, settings_.retry_longest_delay,
                      random_fraction(), failure.retry_after());
      const std::string record = record_of(failure, claim.token);
      const Settled settled = co_await queue_.delay(job, claim.token, delay, record, last);
      count(Outcome::delayed, settled, job.id);
      break;
    }
    case Verdict::bury: {
      const Burial burial = burial_of(failure, claim.token, attempts);
      const Settled settled = co_await queue_.bury(job, claim.token, burial, last);
      count(Outcome::buried, settled, job.id);
      buried_.notify();
      break;
    }
    case Verdict::give_back: {
      // A failed canary goes to the back, so that a job that breaks its dependency by itself does
      // not stay the next one for ever.
      const Settled settled = co_await queue_.give_back(job, claim.token, !canary, last);
      count(Outcome::given_back, settled, job.id);
      break;
    }
    case Verdict::let_go:
      break;
  }
}

Task<> JobRunner::bury_unreadable(const Claim& claim, Failure failure, Cancel& last) {
  slot_.of(failure.kind()).add();
  LogSubject line(claim.id);
  line.word("outcome", std::string(name(Outcome::buried)))
      .word("kind", std::string(name(failure.kind())));
  log_job(spdlog::level::err, line, "it cannot be read: {}", failure.what());
  const Burial burial = burial_of(failure, claim.token, 1);
  const Settled settled = co_await queue_.bury_unreadable(claim.id, claim.token, burial, last);
  count(Outcome::buried, settled, claim.id);
}

void JobRunner::count(Outcome outcome, Settled settled, const std::string& id) {
  if (settled == Settled::not_ours)
    log_job(spdlog::level::warn, LogSubject(id),
            "was not ours any more when it was {}; nothing was written", name(outcome));
  else
    slot_.jobs[outcome].add();
}

}  // namespace ryumem
