// The supervisors that work one queue, wherever they run: each says every few seconds who it is and
// how it fares, and so hears of the others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/queue/queue.h"

namespace ryumem {

/// What a supervisor says of itself.
struct Member {
  std::string name;  // unique among all that ever were
  std::string host;
  std::int64_t pid = 0;
  std::string version;
  double uptime = 0;  // seconds
  bool ready = false;
  std::string reason;  // why not; the first one
  std::int64_t workers_ready = 0;
  std::int64_t workers_wanted = 0;
  std::int64_t in_hand = 0;    // jobs
  std::int64_t completed = 0;  // jobs since its start
  double heard = 0;            // seconds since it said so

  Member() = default;
  /// It speaks every second or two: one that has not for this long is stuck, cut off or dead.
  bool silent() const { return heard > 10; }
};

class Fleet {
 public:
  /// `queue` outlives it. All functions throw as Queue::run does, and give the members in the order
  /// of their names; also those, for a quarter of an hour, that fell silent.
  explicit Fleet(Queue& queue) : queue_(queue) {}

  Task<std::vector<Member>> tell(const Member& own, Cancel& cancel);
  Task<std::vector<Member>> list(Cancel& cancel);
  /// It ends as it should, and nobody is to miss it.
  Task<> leave(std::string name, Cancel& cancel);

 private:
  Queue& queue_;
};

/// [{"name","host","pid",…,"heard_s","silent"}]
JsonBuilder fleet_as_json(const std::vector<Member>& fleet);
/// One of these; what is not there stays as it is by default.
Member read_member(JsonValue value);

}  // namespace ryumem
