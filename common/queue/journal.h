// What a claimed job has behind it, so that nothing is paid for or done twice. It came with the
// claim; what is added is written to Redis, under the claim's token, before it is acted on.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/queue/queue.h"

namespace ryumem {

class Journal {
 public:
  /// `queue` outlives it.
  Journal(Queue& queue, const Claim& claim);

  /// The field's value, if the job has got so far.
  std::optional<std::string> find(const std::string& field) const;

  // Each waits for Redis as long as it takes. Throws Failure(Kind::lease_lost) if the job is no
  // longer ours, or the cancellation's reason.

  /// A paid call is about to go out.
  Task<> asking(std::string step, Cancel& cancel);
  /// The answer of the call that was asked last. It is kept for the next owner even if the job is
  /// no longer ours, and then the failure is thrown; so this one does not end with the job's
  /// `cancel` but with that of the process.
  Task<> answered(std::string field, std::string answer, Cancel& process);
  /// Something that was done.
  Task<> done(std::string field, std::string value, Cancel& process);
  /// An answer that turned out to be none.
  Task<> forget(std::string field, Cancel& cancel);

 private:
  void check(Settled settled) const;

  Queue& queue_;
  std::string id_;
  std::string token_;
  std::map<std::string, std::string> fields_;
};

}  // namespace ryumem
