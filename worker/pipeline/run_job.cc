#include "worker/pipeline/run_job.h"

#include <spdlog/spdlog.h>

#include "common/async/timer.h"
#include "common/base/backoff.h"
#include "worker/pipeline/verdict.h"

namespace ryumem {

Task<> JobRunner::run(Claim claim, Cancel& work, Cancel& last) {
  std::optional<Job> job;
  std::optional<Failure> failure;
  try {
    if (!claim.body)
      throw Failure(Kind::gone, "job " + claim.id + " has no body: " + claim.trouble);
    job = parse_job(claim.id, *claim.body, settings_.max_retries);
  } catch (...) {
    failure = current_failure();
  }
  try {
    if (failure)
      co_await set_aside(claim, *failure, last);
    else
      co_await run_readable(*job, claim.token, work, last);
  } catch (...) {
    // Only the end of the process gets here; the job stays in the processing list under our name.
    spdlog::warn("job {} is left to be reclaimed: {}", claim.id, current_failure().what());
  }
}

Task<> JobRunner::run_readable(const Job& job, std::string token, Cancel& work, Cancel& last) {
  Attempt attempt(job.id, slot_);
  std::optional<Failure> failure;
  try {
    LinkedCancel within_time(work);
    const Deadline deadline(within_time, settings_.job_timeout,
                            Failure(Kind::transient, "the job took longer than its time-out"));
    const Settled started = co_await queue_.start(job, token, within_time);
    if (started == Settled::not_ours)
      throw Failure(Kind::lease_lost, "the job was taken over before it was begun");
    const Counts counts = co_await extraction_.run(job, attempt, within_time);
    slot_.entities.add(static_cast<std::uint64_t>(counts.entities));
    slot_.relationships.add(static_cast<std::uint64_t>(counts.relationships));
    spdlog::info("job {}: completed, {} entities, {} relationships, {:.3f} s", job.id,
                 counts.entities, counts.relationships, attempt.seconds());
  } catch (...) {
    failure = current_failure().at(attempt.step_name());
  }
  if (failure) {
    co_await settle_failed(job, token, *failure, attempt, work, last);
    co_return;
  }
  attempt.enter(Step::acknowledge);
  const Settled settled = co_await queue_.complete(job, token, last);
  count(Outcome::completed, settled, job);
}

Task<> JobRunner::settle_failed(const Job& job, std::string token, Failure failure,
                                Attempt& attempt, Cancel& work, Cancel& last) {
  Verdict verdict = verdict_on(failure.kind(), job.retry_count, job.max_retries);
  if (verdict == Verdict::retry || verdict == Verdict::fail) {
    slot_.of(failure.kind()).add();
    spdlog::warn("job {}: attempt {} of {} failed after {:.3f} s ({}): {}", job.id,
                 job.retry_count + 1, job.max_retries, attempt.seconds(), name(failure.kind()),
                 failure.what());
  }
  if (verdict == Verdict::fail) {
    // Told first and marked after: if we die in between, the job is still in the list. While the
    // server cannot be told, the job keeps its place here, and so new ones are not begun.
    try {
      co_await tell_server(job, failure, work);
    } catch (const Failure& stopped) {
      spdlog::warn("job {}: the server could not be told that it failed: {}", job.id,
                   stopped.what());
      verdict = Verdict::give_back;
    }
  }
  attempt.enter(Step::acknowledge);
  switch (verdict) {
    case Verdict::retry: {
      const Settled settled = co_await queue_.retry(job, token, last);
      count(Outcome::retried, settled, job);
      break;
    }
    case Verdict::fail: {
      const Settled settled = co_await queue_.fail(job, token, last);
      count(Outcome::failed, settled, job);
      break;
    }
    case Verdict::give_back: {
      const Settled settled = co_await queue_.give_back(job, token, last);
      count(Outcome::given_back, settled, job);
      break;
    }
    case Verdict::let_go:
      spdlog::warn("job {}: let go: {}", job.id, failure.what());
      break;
  }
}

// Returns when the server knows, or will never want to know. Throws only what `cancel` says.
Task<> JobRunner::tell_server(const Job& job, const Failure& failure, Cancel& cancel) {
  constexpr Millis kFirstPause{1000};
  constexpr Millis kLongestPause{30'000};
  Backoff backoff(kFirstPause, kLongestPause);
  const Tenant tenant(job.user_id, job.customer_id, job.api_key);
  ExtractionReport report;
  report.job_id = job.id;
  report.episode_uuid = job.episode_uuid;
  report.error = failure.what();
  for (;;) {
    try {
      co_await graph_.extraction_complete(tenant, report, cancel);
      co_return;
    } catch (const Failure& untold) {
      cancel.throw_if_requested();
      spdlog::warn("job {}: telling the server that it failed: {}", job.id, untold.what());
      if (untold.kind() != Kind::transient && untold.kind() != Kind::outage) co_return;
    }
    const Millis pause = backoff.next();
    co_await Sleep(pause, cancel);
  }
}

Task<> JobRunner::set_aside(Claim claim, Failure failure, Cancel& last) {
  slot_.of(failure.kind()).add();
  spdlog::error("{}; it is taken out of the queue, what is under its key stays there",
                failure.what());
  const Settled settled = co_await queue_.set_aside(claim.id, claim.token, last);
  if (settled != Settled::not_ours) slot_.jobs[Outcome::failed].add();
}

void JobRunner::count(Outcome outcome, Settled settled, const Job& job) {
  if (settled == Settled::not_ours) {
    spdlog::warn("job {}: was not ours any more when it was {}; nothing was written", job.id,
                 name(outcome));
    return;
  }
  slot_.jobs[outcome].add();
}

}  // namespace ryumem
