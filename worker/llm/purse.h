// What this process may still send of what all processes may: requests and tokens, granted by the
// lane's script, spent call by call. No clock and no I/O.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/clock.h"
#include "common/queue/lane.h"

namespace ryumem {

class Purse {
 public:
  /// What all processes may send together, and how many they are.
  void share(PerMinute all, int processes);
  const PerMinute& all() const { return all_; }
  /// This process's even part of it.
  PerMinute part() const;

  /// Is there enough for a call of so many tokens? Without a limit there always is.
  bool covers(double tokens) const;
  void take(double tokens);
  /// A grant.
  void put(std::int64_t requests, std::int64_t tokens);
  /// A call took other than what was taken for it. There may be less than nothing afterwards.
  void settle(double estimated, double used);
  /// What was granted before a refusal is worth nothing after it; debts stay.
  void forfeit();
  /// When nobody grants anything: this process's part of so much time. `next`: tokens of the call
  /// that waits.
  void earn(Millis time, double next);

  struct Want {
    std::int64_t requests = 0;  // below 0: to be given back
    std::int64_t tokens = 0;
    bool operator==(const Want&) const = default;
  };
  /// What to ask for when so many calls wait; `next`: tokens of the first, `sum`: of all.
  Want want(std::size_t calls, double next, double sum) const;

 private:
  double needed(double tokens) const;

  PerMinute all_;
  int processes_ = 1;
  double requests_ = 0;
  double tokens_ = 0;
};

}  // namespace ryumem
