#include "common/base/failure.h"

namespace ryumem {

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::transient:
      return "transient";
    case Kind::unreachable:
      return "unreachable";
    case Kind::outage:
      return "outage";
    case Kind::bad_answer:
      return "bad_answer";
    case Kind::too_long:
      return "too_long";
    case Kind::refused:
      return "refused";
    case Kind::gone:
      return "gone";
    case Kind::rejected:
      return "rejected";
    case Kind::lease_lost:
      return "lease_lost";
    case Kind::stopping:
      return "stopping";
    case Kind::usage:
      return "usage";
    case Kind::configuration:
      return "configuration";
    case Kind::system:
      return "system";
    case Kind::permission:
      return "permission";
    case Kind::unavailable:
      return "unavailable";
    case Kind::internal:
      return "internal";
  }
  return "internal";
}

Failure Failure::with_retry_after(std::optional<std::chrono::milliseconds> delay) const {
  Failure copy = *this;
  copy.retry_after_ = delay;
  return copy;
}

Failure Failure::unsent() const {
  Failure copy = *this;
  copy.sent_ = false;
  return copy;
}

Failure Failure::at(std::string_view place) const {
  Failure copy = *this;
  copy.what_ = std::string(place) + ": " + what_;
  return copy;
}

Failure current_failure() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure;
  } catch (const std::exception& error) {
    return Failure(Kind::internal, std::string("unexpected error: ") + error.what());
  } catch (...) {
    return Failure(Kind::internal, "unexpected error of an unknown type");
  }
}

}  // namespace ryumem
