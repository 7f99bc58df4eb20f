// The dead letters in Redis, for an operator to read and decide about.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/queue/letter.h"
#include "common/queue/queue.h"

namespace ryumem {

/// A reply that gives the fields and values of a hash.
std::map<std::string, std::string> read_fields(const RedisReply& reply);

/// All that is known of a dead job.
struct WholeLetter {
  Letter letter;
  std::string body;  // with the tenant's key in it
  std::map<std::string, std::string> journal;

  WholeLetter() = default;
};

class Letters {
 public:
  /// `queue` outlives it. All functions throw Failure(Kind::transient) when Redis does not answer.
  explicit Letters(Queue& queue) : queue_(queue) {}

  /// All of them, the oldest first; of one kind and with a part of the cause, in any case, if these
  /// are not empty.
  Task<std::vector<Letter>> list(std::string kind, std::string cause, Cancel& cancel);
  /// Nothing if there is no such letter.
  Task<std::optional<WholeLetter>> find(std::string id, Cancel& cancel);
  /// dead -> pending, with all its attempts before it; the journal stays. Gives why it was not
  /// done, or nothing.
  Task<std::string> retry(std::string id, Cancel& cancel);
  /// Dead -> forgotten. Gives why it was not done, or nothing.
  Task<std::string> drop(std::string id, Cancel& cancel);

 private:
  Queue& queue_;
};

}  // namespace ryumem
