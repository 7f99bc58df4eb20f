// What the verbs of ryumemctl have in common: each has a file of its own, with its help.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "common/async/timer.h"
#include "common/ops/options.h"
#include "common/queue/queue.h"
#include "ctl/arguments.h"

namespace ryumem {

/// What a verb works with; all of it outlives the verb's run.
struct Session {
  const Settings& settings;
  Redis& redis;
  Queue& queue;
  Cancel& cancel;
  std::optional<Deadline>& patience;  // ends `cancel` if Redis cannot be reached for so long

  Session(const Settings& the_settings, Redis& the_redis, Queue& the_queue, Cancel& the_cancel,
          std::optional<Deadline>& the_patience)
      : settings(the_settings),
        redis(the_redis),
        queue(the_queue),
        cancel(the_cancel),
        patience(the_patience) {}

  /// Waits until Redis answers; from then on the verb may take as long as it takes.
  Task<> reach_redis();
};

class Verb {
 public:
  virtual ~Verb() = default;
  /// Gives the exit code.
  virtual Task<int> run(Session& session) = 0;
};

/// A line of the table of verbs.
struct VerbEntry {
  std::string_view name;
  std::string_view help;
  /// Throws Failure(Kind::usage) if the arguments (without the verb itself) are wrong.
  std::unique_ptr<Verb> (*read)(Arguments arguments, const Environment& environment);
};

VerbEntry audit_verb();
VerbEntry dead_verb();
VerbEntry doctor_verb();
VerbEntry enqueue_verb();
VerbEntry jobs_verb();
VerbEntry pause_verb();
VerbEntry resume_verb();
VerbEntry status_verb();
VerbEntry top_verb();
VerbEntry try_verb();

}  // namespace ryumem
