// The circuits that processes share, on however many hosts: what one of them was refused for all of
// them, the others do not ask for, and only one at a time tries whether it works again.
#pragma once

#include <string>
#include <vector>

#include "common/queue/queue.h"

namespace ryumem {

/// What a process has to say of a circuit.
struct CircuitAsk {
  enum class Event { none, failed, works };
  std::string name;  // the same for all who share it
  Event event = Event::none;
  std::string why;     // it failed
  Millis least{0};     // until it is to be tried again
  bool would = false;  // this process would try it

  CircuitAsk() = default;
};

struct CircuitReply {
  bool open = false;
  bool ours = false;  // it is this process that tries
  Millis left{0};     // until another may
  std::string why;

  CircuitReply() = default;
};

/// One reply for each that is asked about. Throws as Queue::run does.
Task<std::vector<CircuitReply>> ask_circuits(Queue& queue, std::string who,
                                             const std::vector<CircuitAsk>& asks, Cancel& cancel);

}  // namespace ryumem
