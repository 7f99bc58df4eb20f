#include "worker/pipeline/teller.h"

#include <spdlog/spdlog.h>

#include "common/async/timer.h"
#include "common/base/log.h"
#include "common/base/secrets.h"
#include "worker/pipeline/cause.h"

namespace ryumem {
namespace {

constexpr Millis kLookAgain{3000};
constexpr Millis kTelling{45'000};  // with all its tries
// Nobody else tries meanwhile; then somebody does, if it was in vain.
constexpr Millis kHold{15'000};
constexpr int kAtOnce = 16;

ExtractionReport report_of(const Job& job, const Untold& letter) {
  ExtractionReport report;
  report.job_id = job.id;
  report.episode_uuid = job.episode_uuid;
  report.error = letter.kind + ": " + letter.cause;
  return report;
}

}  // namespace

Task<> Teller::run(Cancel& cancel) {
  Timer timer;
  timer.every(kLookAgain, [this] { buried_.notify(); });
  while (!cancel.requested()) {
    bool more = false;
    try {
      more = co_await tell_some(cancel);
    } catch (...) {
      // Redis or the server is away; the letters are still there.
      spdlog::debug("the server cannot be told of dead jobs now: {}", current_failure().what());
    }
    if (more) continue;
    try {
      co_await buried_.wait(cancel);
    } catch (const Failure&) {
      co_return;
    }
  }
}

Task<bool> Teller::tell_some(Cancel& cancel) {
  const std::vector<Untold> letters = co_await queue_.take_untold(kAtOnce, kHold, cancel);
  for (const Untold& letter : letters) {
    try {
      co_await tell(letter, cancel);
    } catch (const Failure& failure) {
      // What fails with this one need not fail with the next, unless nobody can be told now.
      const Kind kind = failure.kind();
      if (cancel.requested() || kind == Kind::unreachable || kind == Kind::outage) throw;
      log_job(spdlog::level::debug, LogSubject(letter.id), "the server cannot be told yet: {}",
              failure.what());
    }
  }
  co_return letters.size() == kAtOnce;
}

// An operator may have put the job back since the letter was taken, and what the server heard last
// is what it shows.
Task<> Teller::tell(const Untold& letter, Cancel& cancel) {
  const bool still = co_await queue_.telling(letter, kTelling, kTelling + kHold, cancel);
  if (!still) co_return;
  std::string why_not;
  std::optional<Failure> failed;
  std::optional<KeptSecret> key;  // the server may repeat what it was sent
  try {
    LinkedCancel mine(cancel);
    const Deadline deadline(mine, kTelling, Failure(Kind::transient, "it takes too long"));
    const Job job = parse_job(letter.id, letter.body, 0);
    key.emplace(job.api_key);
    const Tenant tenant(job.user_id, job.customer_id, job.api_key);
    const ExtractionReport report = report_of(job, letter);
    co_await graph_.extraction_complete(tenant, report, mine);
  } catch (const Failure& failure) {
    failed = Failure(failure.kind(), cause_of(failure));
  }
  if (failed && failed->kind() != Kind::gone && failed->kind() != Kind::rejected) {
    co_await queue_.telling(letter, Millis(0), kHold, cancel);
    throw *failed;
  }
  if (failed) {
    why_not = failed->what();
    log_job(spdlog::level::warn, LogSubject(letter.id),
            "the server will not be told that it is dead: {}", why_not);
  }
  co_await queue_.told(letter, why_not, cancel);
  slot_.letters_told.add();
}

}  // namespace ryumem
