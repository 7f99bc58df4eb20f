#include "worker/doctor/remedy.h"

namespace ryumem {

std::string remedy_for(const Failure& failure, const std::string& provider) {
  switch (failure.kind()) {
    case Kind::outage:
      return "check the key, the model's name and the account of " + provider;
    case Kind::unreachable:
      return "check the URL of " + provider + ", and that it can be reached from here";
    case Kind::bad_answer:
      return "choose a model that gives JSON as asked";
    case Kind::too_long:
      return "lower --chunk-tokens, or choose a model with a larger context";
    case Kind::refused:
      return "nothing: " + provider + " will not have this text";
    default:
      return "try again; if it stays so, look at the account and the status page of " + provider;
  }
}

}  // namespace ryumem
