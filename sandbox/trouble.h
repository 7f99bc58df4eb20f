// What goes wrong with a provider in its own words: one vocabulary, said by each wire as it says
// such things.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/net/http_message.h"

namespace ryumem::sandbox {

enum class Trouble {
  none,
  bad_key,        // the key is not accepted
  model_missing,  // there is no such model
  model_retired,  // there was such a model
  rate_limit,     // too many calls for now; Hint says how the wait is told
  quota,          // what was paid for is used up
  overloaded,     // too many calls of everybody
  broken,         // an internal error
  too_long,       // the prompt does not fit
  filtered,       // the text is refused for what is in it
  refusal,        // a 200 in which the model declines
  blocked,        // a 200 that a safety filter has emptied
};

/// How a wait is told.
enum class Hint {
  usual,         // as the wire does it by default
  none,          // not at all
  seconds,       // Retry-After: 2
  milliseconds,  // retry-after-ms: 1500
  date,          // Retry-After: Wed, 25 Nov 2026 10:00:30 GMT
  prefixed,      // llm_provider-retry-after: 2, as LiteLLM hands on what was said upstream
  details,       // Google's RetryInfo in the body
  message,       // in the words of the message
};

/// The one of that name, as it is written above.
std::optional<Trouble> trouble_from(std::string_view name);
std::optional<Hint> hint_from(std::string_view name);
std::string_view name(Trouble trouble);

struct Complaint {
  Trouble trouble = Trouble::none;
  Hint hint = Hint::usual;
  Millis wait{1000};

  Complaint() = default;
  /// With `usual` replaced.
  Hint hint_or(Hint usual) const { return hint == Hint::usual ? usual : hint; }
};

struct Refusal {
  HttpAnswer answer;
  std::map<std::string, std::string> headers;

  explicit Refusal(HttpAnswer the_answer) : answer(std::move(the_answer)) {}
};

/// The headers that tell a wait in this way; none for the ways that have none.
std::map<std::string, std::string> headers_of(Hint hint, Millis wait);

/// "1.5s".
std::string in_seconds(Millis wait);

}  // namespace ryumem::sandbox
