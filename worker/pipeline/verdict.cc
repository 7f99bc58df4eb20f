#include "worker/pipeline/verdict.h"

namespace ryumem {

Verdict verdict_on(Kind kind, int retry_count, int max_retries) {
  switch (kind) {
    case Kind::stopping:
      return Verdict::give_back;
    case Kind::lease_lost:
      return Verdict::let_go;
    case Kind::refused:
    case Kind::gone:
    case Kind::rejected:
      return Verdict::fail;
    case Kind::transient:
    case Kind::outage:
    case Kind::bad_answer:
    case Kind::usage:
    case Kind::configuration:
    case Kind::system:
    case Kind::internal:
      break;
  }
  // As the peers count: the failure first, then "is there an attempt left".
  return retry_count + 1 < max_retries ? Verdict::retry : Verdict::fail;
}

}  // namespace ryumem
