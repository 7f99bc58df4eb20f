// Every id that the queue's keys know, and where it was seen: gathered in portions while others
// move the jobs, so that what looks wrong here is only a reason to look closer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/queue/audit.h"

namespace ryumem {

class Census {
 public:
  /// Reads all keys of the queue. Throws Failure(Kind::transient) when Redis does not answer.
  static Task<Census> take(Redis& redis, const Keys& keys, Cancel& cancel);

  /// Ids that were not seen plainly in order. In the order of their names.
  std::vector<std::string> suspects() const;

  /// Keys of the queue whose type is not theirs. Then there are no suspects, since no script would
  /// run.
  const std::vector<Finding>& wrong_keys() const { return wrong_keys_; }

  /// Fills in the counts.
  void count(AuditReport& report) const;

 private:
  struct Seen {
    int pending = 0;
    int processing = 0;
    bool delayed = false;
    bool parked = false;
    bool dead = false;
    bool untold = false;
    bool owner = false;
    bool lease = false;
    bool body_key = false;  // whatever its type
    bool journal_key = false;
    bool letter_key = false;
    bool body = false;
    bool journal = false;
    bool letter = false;
    bool ended = false;       // its body says so; only known of ids that are in no place
    bool to_be_told = false;  // the letter says so; only known of ids that are not in `untold`

    int places() const {
      return pending + processing + (delayed ? 1 : 0) + (parked ? 1 : 0) + (dead ? 1 : 0);
    }
    bool in_order() const;
  };
  /// Notes in an id's record where the id was seen.
  using Mark = void (*)(Seen&);

  Task<> check_types(Redis& redis, const Keys& keys, Cancel& cancel);
  Task<> read_list(Redis& redis, std::string key, Mark mark, Cancel& cancel);
  Task<> read_scanned(Redis& redis, std::string command, std::string key, Mark mark,
                      Cancel& cancel);
  Task<> read_keys(Redis& redis, std::string prefix, std::string type, Mark mark, Cancel& cancel);
  Task<> read_endings(Redis& redis, const Keys& keys, Cancel& cancel);
  Task<> read_telling(Redis& redis, const Keys& keys, Cancel& cancel);

  std::map<std::string, Seen> ids_;
  std::vector<Finding> wrong_keys_;
};

}  // namespace ryumem
