// The workers: as many as are wanted, each in a slot of the scoreboard, replaced when it dies or
// has served long enough or is to get a new configuration, drained at the end.
//
// A post is a worker's place in the pool and outlives every worker: it remembers how often its
// workers died. A slot is a place in the scoreboard. There is one slot more than posts, so that a
// replacement can be ready before its predecessor goes; whoever is replaced leaves its slot free
// for the next replacement. Counters stay with the slots, and only their sums are shown.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/async/cancel.h"
#include "common/async/scope.h"
#include "common/async/timer.h"
#include "common/ops/options.h"
#include "supervisor/death.h"
#include "supervisor/lifeline.h"
#include "supervisor/occupant.h"

namespace ryumem {

class Pool {
 public:
  struct Settings {
    std::string binary;
    Environment environment;  // of each worker; the pool adds the slot's own variables
    int workers = 1;          // wanted at first
    std::string owner;        // names this supervisor's workers in the tokens of their claims
    /// Called when a worker is no more, with the name it claimed jobs under, and whether it ended
    /// otherwise than by exit code 0. Must not throw.
    std::function<void(std::string owner, bool crashed)> ended;
    Millis heartbeat_limit{0};    // a worker silent for longer is killed; 0: never
    Millis good_service{60'000};  // a worker that lived so long starts its post's backoff anew
    Millis start_limit{120'000};  // a replacement that is not ready by then has failed
    Millis finish_limit{35'000};  // one that was asked to end and has not by then is killed
    WearLimits wear;
    Settings(std::string the_binary, Environment variables)
        : binary(std::move(the_binary)), environment(std::move(variables)) {}
  };

  /// `board` must outlive the pool, and has a slot more than there can be workers. Throws
  /// Failure(Kind::system).
  Pool(Scoreboard& board, Settings settings);

  /// Fills every post that is wanted, and keeps it filled until drain(). A worker that cannot be
  /// started is tried again, later and later, for ever.
  void start();

  /// How many workers there should be: at least one, at most as the scoreboard has room for.
  int wanted() const { return wanted_; }
  int most() const { return static_cast<int>(posts_.size()); }
  void set_wanted(int count) noexcept;

  /// Whether workers, present and to come, take no new jobs for now.
  void set_quiet(bool quiet) noexcept;
  bool quiet() const { return board_.quiet(); }

  /// Tells all workers to open their logs anew.
  void reopen_logs() noexcept;

  /// Passes a signal on to each worker that is far enough to know it.
  void tell(int signal) noexcept;

  /// Limits that may change while it runs.
  void set_limits(const Settings& settings);
  /// Replaces the workers one after the other by such with this environment. The first of them is
  /// the trial: when it is ready the others follow, and this returns true; when it is not, all
  /// stays as it was, and this returns false. What workers die of meanwhile is no matter.
  Task<bool> adopt(Environment environment);
  /// Workers that are still to be replaced for that.
  int outdated() const;

  /// Asks the workers to finish (SIGTERM), replaces none any more, and returns when all have ended.
  /// Those that have not after `limit` are killed, and what cannot be killed is left behind. Call
  /// it once, also when start() was not called.
  Task<> drain(Millis limit);
  /// Asks those who drain once more: a worker then gives its jobs back at once, or is killed after
  /// `limit`.
  void hurry(Millis limit) noexcept;

  bool draining() const { return stopping_.requested(); }
  /// Workers that say they are up.
  int ready() const;
  /// Workers that live, and how many of them beat.
  int present() const;
  int beating() const;
  const Replacements& replacements() const { return replacements_; }
  const Deaths& deaths() const { return deaths_; }
  /// Which posts' workers die again and again, and of what; empty: none.
  std::vector<std::string> troubles() const;

 private:
  using OccupantPtr = std::shared_ptr<Occupant>;
  // A configuration that workers are started with.
  struct Recipe {
    std::uint64_t number;
    Environment environment;
  };
  using RecipePtr = std::shared_ptr<const Recipe>;

  struct Post {
    int number = 0;
    int slot = -1;                     // where its next worker goes; -1: nowhere yet
    OccupantPtr occupant;              // who works
    OccupantPtr next;                  // who will when it is ready
    int deaths = 0;                    // in a row, without good service between
    int failures = 0;                  // of replacements, in a row
    Monotonic::time_point not_before;  // the next start
    Monotonic::time_point no_renewal_before;
    Notice changed;
    std::string last_words;  // of the last worker that died

    Post() = default;
  };

  Task<> keep_filled(Post* post);
  Task<> live(Post* post);
  Task<> wait_to_be_wanted(Post* post);
  Task<> pause(Post* post);
  void fill(Post& post);
  OccupantPtr start_occupant(Post& post, int slot, const Recipe& recipe);
  void record(Post& post, Death death, const Occupant* occupant);
  void release_slot(Post& post) noexcept;
  int free_slot() const;
  bool wanted(const Post& post) const { return post.number < wanted_; }

  Task<> keep_renewing();
  Task<> renew(Post* post, Replaced why, RecipePtr recipe);
  Task<> watch_trial(const Occupant* next);
  Task<> bury(OccupantPtr occupant);
  Task<> see_off(Post* post, OccupantPtr old, std::string why);
  void proved(const RecipePtr& recipe);
  void failed(Post& post, const RecipePtr& recipe);
  const RecipePtr& newest() const { return candidate_ ? candidate_ : recipe_; }
  std::optional<Replaced> due(const Post& post) const;
  bool anybody_up() const;

  template <class Do>
  void each_occupant(Do act) const {
    for (const auto& post : posts_) {
      if (post->occupant) act(*post->occupant);
      if (post->next) act(*post->next);
    }
  }
  void look() noexcept;
  void look_at_hearts() noexcept;
  void kill_stragglers() noexcept;

  Scoreboard& board_;
  Settings settings_;
  Lifeline lifeline_;
  std::vector<std::unique_ptr<Post>> posts_;
  int wanted_;
  std::uint64_t lives_ = 0;  // started so far
  RecipePtr recipe_;         // what works
  RecipePtr candidate_;      // what is to be tried
  bool trying_ = false;      // a replacement is starting
  Notice looked_;            // after each look, and when something wants one earlier
  Notice tried_;             // a trial is over
  Monotonic::time_point last_look_;
  Monotonic::time_point no_verdict_before_;
  Timer looks_;
  Timer last_resort_;
  Replacements replacements_{};
  Deaths deaths_;
  Cancel stopping_;
  Cancel abandoned_;
  Scope running_;
};

}  // namespace ryumem
