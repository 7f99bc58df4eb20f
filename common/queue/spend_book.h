// One worker's part in the day's book of spending, which is kept in Redis for all hosts: one hash
// for each day (UTC). A worker adds up what it spends and writes it there every second, in numbered
// portions: one that is sent again because its reply was lost counts once.
#pragma once

#include <string>

#include "common/queue/queue.h"

namespace ryumem {

class SpendBook {
 public:
  /// `queue` outlives it. `owner`: this process, unique among all that live.
  SpendBook(Queue& queue, std::string owner) : queue_(queue), owner_(std::move(owner)) {}

  void add(const std::string& customer_id, const Spend& spend);

  /// Writes what has come together every second, until `cancel`; whatever Redis does, nothing is
  /// lost or counted twice.
  Task<> keep(Cancel& cancel);
  /// Writes the rest, at the end of the process. Waits for Redis as long as `last` lets it.
  Task<> close(Cancel& last);

 private:
  Task<> flush(Cancel& cancel);

  Queue& queue_;
  std::string owner_;
  std::int64_t portions_ = 0;
  Spending unwritten_;
  Spending on_its_way_;  // the portion of that number; not changed until it is written
};

}  // namespace ryumem
