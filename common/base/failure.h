// The one error type of the program: what went wrong, and which kind of trouble that is.
//
// A Failure is thrown where the trouble is seen and caught in one place per job, where its kind
// alone decides what happens to the job. The text says what happened, where, and what to do.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace ryumem {

enum class Kind {
  transient,      // may succeed if tried again: timeout, reset, 429, 5xx
  unreachable,    // nobody answers there: refused, unknown host, 502, 503, 504
  outage,         // nothing of this sort works until somebody mends it: refused key, no such model
  bad_answer,     // the peer answered, but not with what its contract promises
  too_long,       // question or answer did not fit: ask about less text at a time
  refused,        // the model declines this text for good: content filter, safety block
  gone,           // what the job is about does not exist: no body, unreadable body, no such episode
  rejected,       // the same request will always be refused: 400 and 422 of the server
  lease_lost,     // another owner holds the job now
  stopping,       // this process is going away
  usage,          // the command line is wrong
  configuration,  // an option, variable or file says something impossible
  system,         // the operating system refused something
  permission,     // a file or an address is not for this user
  unavailable,    // something that had to be there at the start never came
  internal,       // a bug of ours; the last
};
inline constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::internal) + 1;

/// The word for a kind in logs and metric labels, e.g. "bad_answer".
std::string_view name(Kind kind);

class Failure : public std::exception {
 public:
  Failure(Kind kind, std::string what) : kind_(kind), what_(std::move(what)) {}

  Kind kind() const { return kind_; }
  const char* what() const noexcept override { return what_.c_str(); }

  /// How long the peer asked us to wait before the next try, if it said so.
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }
  Failure with_retry_after(std::optional<std::chrono::milliseconds> delay) const;

  /// It was found here, before anything was sent: it says nothing about the peer.
  Failure unsent() const;
  bool was_sent() const { return sent_; }

  /// The same failure with its place put in front: "PLACE: what".
  Failure at(std::string_view place) const;

 private:
  Kind kind_;
  std::string what_;
  std::optional<std::chrono::milliseconds> retry_after_;
  bool sent_ = true;
};

/// The exception in flight as a Failure; anything that is not one becomes Kind::internal.
/// Call it only inside a catch block.
Failure current_failure();

}  // namespace ryumem
