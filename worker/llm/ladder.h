// How firmly a model can be held to the shape of its answers depends on the server, and on its
// version. It is found out by asking: as firmly as there is a way to, and less so after each
// objection. What was found holds for a day, for this process and, by a notebook, for those that
// start later; then the firmest is tried again. The decision record is 0007.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "common/async/cancel.h"
#include "common/async/sync.h"
#include "common/async/task.h"
#include "common/base/failure.h"
#include "common/ops/scoreboard.h"
#include "common/queue/notebook.h"
#include "worker/providers/provider.h"

namespace ryumem {

/// A question's lower manner of asking after an objection; nothing if there is none.
std::optional<Manner> below(const Manner& manner, const Objection& objection, bool forces_tools);

/// "by a JSON schema, without reasoning_effort".
std::string words_of(const Manner& manner);

/// One endpoint's and model's, in this process.
class Ladder {
 public:
  /// `who`: the model in words, for the log. `forces_tools`: whether there is Rung::tool. `shown`:
  /// where others see what is found, as HeldBy; it outlives this.
  Ladder(std::string who, bool forces_tools, Count& shown);

  /// From now on what is found is kept there under that name, and looked for before trying. It
  /// outlives this.
  void remember_in(Notebook& notebook, std::string name);

  /// The manner in which the next question is asked, as far as is known.
  const Manner& manner() const { return manner_; }

  /// One question's way down. It must not outlive the ladder.
  class Turn {
   public:
    explicit Turn(Ladder& ladder) : ladder_(ladder) {}
    ~Turn() { end_scouting(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    /// Must be awaited before each time of asking. As long as it is not known how to ask, one turn
    /// finds out and the others wait for it, for some seconds: a refusal comes at once, an answer
    /// takes its time.
    Task<> begin(Cancel& cancel);
    const Manner& manner() const { return manner_; }
    /// The server blames the manner of asking. True: it is to be asked again, in another manner.
    bool objected(const Objection& objection, const Failure& failure);
    /// An answer came, of which keeps_promise() says `kept`. Throws nothing.
    Task<> answered(const std::string& question, std::optional<bool> kept, Cancel& cancel);
    /// Another failure came.
    void failed(const std::string& question, const Failure& failure);

   private:
    void end_scouting() noexcept;

    Ladder& ladder_;
    Manner manner_;
    bool scouting_ = false;
    std::optional<Manner> before_;  // the first objection
    bool before_was_known_ = false;
  };

 private:
  bool known();
  void show();
  Task<> recall(Cancel& cancel);
  Task<> keep(Cancel& cancel);
  void count(const Manner& manner, const std::string& question, bool kept);

  std::string who_;
  bool forces_tools_;
  Count& shown_;
  Notebook* notebook_ = nullptr;
  std::string name_;
  Manner manner_;
  bool known_ = false;  // an answer has come to this manner
  std::time_t until_ = 0;
  bool asked_notebook_ = false;
  bool scouting_ = false;
  Notice changed_;
  std::vector<std::string> broken_;  // questions whose answers broke the promise, one after another
};

}  // namespace ryumem
