#include "worker/providers/provider.h"

namespace ryumem {

const Provider& provider_named(std::string_view name) {
  for (const Provider* provider : {&kGemini, &kOpenAi, &kOllama, &kLiteLlm})
    if (provider->name == name) return *provider;
  throw Failure(Kind::configuration, "there is no provider \"" + std::string(name) + "\"");
}

Kind kind_of_status(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 404:
      return Kind::outage;
    case 408:
    case 409:
    case 425:
    case 429:
    case 499:
      return Kind::transient;
    case 501:
      return Kind::rejected;
    case 413:
      return Kind::too_long;
    case 502:
    case 503:
      return Kind::unreachable;  // but not 504: a gateway's time-out may be this text's own fault
    default:
      if (status >= 500) return Kind::transient;
      return status >= 400 ? Kind::rejected : Kind::bad_answer;
  }
}

}  // namespace ryumem
