// How deep the queue is, and what is paused, asked once a second.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/async/scope.h"
#include "common/ops/options.h"
#include "common/queue/fleet.h"
#include "common/queue/letter.h"
#include "common/queue/pauses.h"
#include "common/queue/queue.h"

namespace ryumem {

class QueueWatch {
 public:
  /// Has a connection of its own and begins at once; Redis may be away as long as it likes.
  explicit QueueWatch(const Settings& settings);

  /// The figures of the last second or so. Nothing while Redis cannot be asked: old figures would
  /// look like a queue that stands still.
  std::optional<Depths> depths() const;
  /// What was spent today, a few seconds old; nothing while Redis cannot be asked.
  std::optional<SpentToday> spent() const;

  /// From now on `own` is told to the other supervisors, every two seconds, under that name.
  void introduce(std::string name, std::function<Member()> own) {
    name_ = std::move(name);
    own_ = std::move(own);
  }
  /// The supervisors of this queue, ourselves included; none while Redis cannot be asked.
  std::vector<Member> fleet() const;

  /// The last dead letters, the newest first, a few seconds old; also of an outage.
  const std::vector<Letter>& letters() const { return letters_; }

  /// What is paused, as of the last second or so; also of an outage of Redis, since it holds on.
  const std::vector<Pause>& pauses() const { return pauses_; }

  bool redis_connected() const { return redis_.connected(); }
  /// Why there are no figures, for people; empty while there are.
  std::string trouble() const;

  /// Must be awaited before the destruction.
  Task<> stop();

 private:
  Task<> watch();
  Task<> measure();
  Task<> look_at_the_dead();
  Task<> look_at_the_fleet();
  Task<> take_leave();

  Redis redis_;
  Queue queue_;
  std::vector<Pause> pauses_;
  std::vector<Letter> letters_;
  std::string name_;
  std::function<Member()> own_;
  std::vector<Member> fleet_;
  std::optional<Depths> latest_;
  std::optional<SpentToday> spent_;
  int rounds_ = 0;
  std::string trouble_;
  std::string fleet_trouble_;
  Cancel stopping_;
  Scope background_;
};

}  // namespace ryumem
