#include "worker/pipeline/verdict.h"

#include <algorithm>

#include "common/base/backoff.h"

namespace ryumem {

Verdict verdict_on(Kind kind, int retry_count, int max_retries) {
  switch (kind) {
    case Kind::stopping:
    case Kind::unreachable:
    case Kind::outage:
      return Verdict::give_back;
    case Kind::lease_lost:
      return Verdict::let_go;
    case Kind::refused:
    case Kind::gone:
    case Kind::rejected:
      return Verdict::bury;
    case Kind::transient:
    case Kind::bad_answer:
    case Kind::too_long:
    case Kind::usage:
    case Kind::configuration:
    case Kind::system:
    case Kind::permission:
    case Kind::unavailable:
    case Kind::internal:
      break;
  }
  // As the peers count: the failure first, then "is there an attempt left".
  return retry_count + 1 < max_retries ? Verdict::delay : Verdict::bury;
}

Millis retry_delay(int attempt, Millis first, Millis longest, double dice,
                   std::optional<Millis> asked_for) {
  const Millis ceiling = Backoff::ceiling(first, longest, attempt);
  const Millis own(static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * dice));
  return std::max(own, asked_for.value_or(Millis(0)));
}

}  // namespace ryumem
