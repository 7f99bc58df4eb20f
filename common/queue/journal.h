// What a claimed job has behind it, so that nothing is paid for or done twice. It came with the
// claim; what is added is written to Redis, under the claim's token, before it is acted on.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/queue/queue.h"

namespace ryumem {

class Journal {
 public:
  /// `queue` outlives it.
  Journal(Queue& queue, const Claim& claim);
  /// Of what is no job: nothing is written down, and all of it goes with the object.
  Journal() = default;

  /// The field's value, if the job has got so far.
  std::optional<std::string> find(const std::string& field) const;

  // Each waits for Redis as long as it takes. Throws Failure(Kind::lease_lost) if the job is no
  // longer ours, Failure(Kind::gone) if what is under its journal's key is none, or the
  // cancellation's reason.

  /// A paid call is about to go out; several may be under way. The name of a step has no blanks.
  Task<> asking(std::string step, Cancel& cancel);
  /// Its answer, kept in the field of that name. It is kept for the next owner even if the job is
  /// no longer ours, and then the failure is thrown; so this one does not end with the job's
  /// `cancel` but with that of the process.
  Task<> answered(std::string step, std::string answer, Cancel& process);
  /// It has ended without an answer. That is not written down by itself, but with what comes next.
  void failed(const std::string& step);
  /// Something that was done.
  Task<> done(std::string field, std::string value, Cancel& process);
  /// An answer that turned out to be none.
  Task<> forget(std::string field, Cancel& cancel);

 private:
  Task<> note(std::string field, std::string value, std::optional<std::string> asked,
              Cancel& cancel);
  void check(Settled settled) const;
  std::string still_asked() const;

  Queue* queue_ = nullptr;
  std::string id_;
  std::string token_;
  std::map<std::string, std::string> fields_;
  std::multiset<std::string> asked_;  // the steps of the paid calls under way
};

}  // namespace ryumem
