// Replacing workers in good order. One coroutine does it, so there is never more than one worker
// on its way out: the replacement is started in the spare slot, and only when it is ready is its
// predecessor asked to finish.
#include <spdlog/spdlog.h>

#include "supervisor/pool.h"
#include "supervisor/respawn_delay.h"

namespace ryumem {
namespace {

// How often one that is starting is looked at: it tells by the scoreboard, which makes no noise.
constexpr Millis kGlance{50};

}  // namespace

Task<> Pool::keep_renewing() {
  while (!stopping_.requested()) {
    Post* found = nullptr;
    std::optional<Replaced> why;
    for (const auto& post : posts_) {
      if (found == nullptr) why = due(*post);
      if (found == nullptr && why) found = post.get();
    }
    try {
      if (found == nullptr) {
        co_await looked_.wait(stopping_);
        continue;
      }
    } catch (const Failure&) {
      break;
    }
    const RecipePtr recipe = newest();
    try {
      co_await renew(found, *why, recipe);
    } catch (const Failure& failure) {
      // Whatever it was, the next replacement may succeed, and who waits for this one is told.
      spdlog::error("worker {}: the replacement failed: {}", found->number, failure.what());
      failed(*found, recipe);
    }
  }
}

std::optional<Replaced> Pool::due(const Post& post) const {
  if (!post.occupant || post.next || !wanted(post) || post.occupant->asked_to_end()) return {};
  if (post.occupant->has_ended() || Monotonic::now() < post.no_renewal_before) return {};
  if (post.occupant->recipe() != newest()->number) return Replaced::reload;
  return post.occupant->worn_out(settings_.wear);
}

Task<> Pool::renew(Post* post, Replaced why, RecipePtr recipe) {
  const OccupantPtr old = post->occupant;
  spdlog::info("worker {}: pid {} is to be replaced ({})", old->index(), old->pid(), name(why));
  const int slot = free_slot();
  const OccupantPtr next = start_occupant(*post, slot, *recipe);
  if (!next) vacate(board_.slot(slot), WorkerState::unused);
  post->next = next;
  trying_ = true;
  if (next) co_await watch_trial(next.get());
  trying_ = false;
  if (stopping_.requested()) co_return;
  if (next && next->up()) {
    post->failures = 0;
    proved(recipe);
    std::string reason(name(why));
    co_await see_off(post, old, std::move(reason));
    co_return;
  }
  failed(*post, recipe);
  if (next) next->kill();
  // If the old one died meanwhile, this is the post's only occupant, and written down as such.
  if (!next || post->next != next) co_return;
  post->next = nullptr;
  co_await bury(next);
}

// One that never came as far as to take a place in the pool.
Task<> Pool::bury(OccupantPtr occupant) {
  try {
    Death death = co_await occupant->ended(abandoned_);
    if (settings_.ended) settings_.ended(occupant->owner(), Occupant::crashed(death));
    spdlog::warn("worker {}: the replacement failed: {}", death.slot, death.text());
    deaths_.add(std::move(death));
  } catch (const Failure& failure) {
    spdlog::error("worker {}: {}", occupant->index(), failure.what());
  }
  vacate(board_.slot(occupant->index()), WorkerState::unused);
}

// Until it is up, has ended, or has had its time.
Task<> Pool::watch_trial(const Occupant* next) {
  const Monotonic::time_point limit = Monotonic::now() + settings_.start_limit;
  try {
    while (!next->up() && !next->has_ended() && Monotonic::now() < limit)
      co_await Sleep(kGlance, stopping_);
  } catch (const Failure&) {
    // Stopping: whoever is there is drained.
  }
}

// Returns when it is gone, and its successor in its place.
Task<> Pool::see_off(Post* post, OccupantPtr old, std::string why) {
  if (post->occupant != old) co_return;
  old->finish(std::move(why));
  Timer last_resort;
  last_resort.once(settings_.finish_limit, [old] { old->kill(); });
  try {
    while (post->occupant == old) co_await looked_.wait(stopping_);
  } catch (const Failure&) {
    // Stopping: whoever is there is drained.
  }
}

Task<bool> Pool::adopt(Environment environment) {
  const std::uint64_t number = newest()->number + 1;
  candidate_ = std::make_shared<const Recipe>(Recipe{number, std::move(environment)});
  looked_.notify();
  try {
    while (candidate_ && candidate_->number == number) co_await tried_.wait(stopping_);
  } catch (const Failure&) {
    // Stopping: there is nothing to be tried any more.
  }
  co_return recipe_->number == number;
}

void Pool::proved(const RecipePtr& recipe) {
  if (recipe->number > recipe_->number) recipe_ = recipe;
  if (candidate_ != recipe) return;
  candidate_ = nullptr;
  // Those who wait before their next start have a reason to hope.
  for (const auto& post : posts_) {
    post->not_before = {};
    post->changed.notify();
  }
  tried_.notify();
}

void Pool::failed(Post& post, const RecipePtr& recipe) {
  const Millis delay = respawn_delay(++post.failures + 1, 0);
  post.no_renewal_before = Monotonic::now() + delay;
  if (candidate_ != recipe) return;
  candidate_ = nullptr;
  tried_.notify();
}

int Pool::outdated() const {
  int count = 0;
  for (const auto& post : posts_)
    count += wanted(*post) && post->occupant && post->occupant->recipe() != newest()->number;
  return count;
}

void Pool::set_limits(const Settings& settings) {
  settings_.heartbeat_limit = settings.heartbeat_limit;
  settings_.finish_limit = settings.finish_limit;
  settings_.wear = settings.wear;
}

}  // namespace ryumem
