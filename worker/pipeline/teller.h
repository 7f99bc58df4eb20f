// Tells the server of dead jobs, again and again until it has taken it: whichever worker comes by
// takes the letters that are due.
#pragma once

#include "common/async/sync.h"
#include "common/queue/queue.h"
#include "worker/graph/graph_server.h"

namespace ryumem {

class Teller {
 public:
  /// All outlive it. `buried`: there may be a letter now.
  Teller(Queue& queue, GraphServer& graph, Notice& buried, Slot& slot)
      : queue_(queue), graph_(graph), buried_(buried), slot_(slot) {}

  /// Until `cancel`.
  Task<> run(Cancel& cancel);

 private:
  Task<bool> tell_some(Cancel& cancel);
  Task<> tell(const Untold& letter, Cancel& cancel);

  Queue& queue_;
  GraphServer& graph_;
  Notice& buried_;
  Slot& slot_;
};

}  // namespace ryumem
