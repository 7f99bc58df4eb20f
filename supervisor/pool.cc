// Filling posts, and the end of it all. How workers are replaced in good order: pool_renewal.cc.
#include "supervisor/pool.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "common/base/backoff.h"
#include "supervisor/respawn_delay.h"

namespace ryumem {
namespace {

// How often the workers are looked at.
constexpr Millis kLook{1'000};
// How long a killed process may take to go. What is longer in the kernel's hands we cannot end.
constexpr Millis kForDying{10'000};
// So many deaths in a row are a crash loop, until a worker has served for so long.
constexpr int kCrashLoop = 3;
constexpr Millis kOutOfTheLoop{10'000};

std::string when(Millis delay) {
  return delay <= Millis(0) ? "at once" : fmt::format("in {} ms", delay.count());
}

}  // namespace

Pool::Pool(Scoreboard& board, Settings settings)
    : board_(board),
      settings_(std::move(settings)),
      wanted_(std::min(settings_.workers, board.slots() - 1)),
      recipe_(std::make_shared<const Recipe>(Recipe{1, settings_.environment})) {
  for (int i = 0; i < board_.slots(); ++i) vacate(board_.slot(i), WorkerState::unused);
  for (int i = 0; i + 1 < board_.slots(); ++i) {
    posts_.push_back(std::make_unique<Post>());
    posts_.back()->number = i;
  }
}

void Pool::start() {
  for (const auto& post : posts_) running_.spawn(keep_filled(post.get()));
  running_.spawn(keep_renewing());
  last_look_ = Monotonic::now();
  looks_.every(kLook, [this] { look(); });
}

Task<> Pool::keep_filled(Post* post) {
  while (!stopping_.requested()) {
    co_await wait_to_be_wanted(post);
    co_await pause(post);
    if (stopping_.requested() || !wanted(*post)) continue;
    fill(*post);
    while (post->occupant) co_await live(post);
  }
}

Task<> Pool::wait_to_be_wanted(Post* post) {
  try {
    while (!wanted(*post)) {
      release_slot(*post);
      post->deaths = 0;
      post->not_before = {};
      co_await post->changed.wait(stopping_);
    }
  } catch (const Failure&) {
    // Stopping: the caller sees it.
  }
}

// Until the next start is due, somebody says that it is, or it is not wanted any more.
Task<> Pool::pause(Post* post) {
  Timer timer;
  try {
    for (;;) {
      const Millis left = std::chrono::ceil<Millis>(post->not_before - Monotonic::now());
      if (left <= Millis(0) || !wanted(*post)) co_return;
      timer.once(left, [post] { post->changed.notify(); });
      co_await post->changed.wait(stopping_);
    }
  } catch (const Failure&) {
    // Stopping: the caller sees it.
  }
}

// On success the post has an occupant.
void Pool::fill(Post& post) {
  if (post.slot < 0) post.slot = free_slot();
  // What is on trial may fail, so we stay with what works, if anything does.
  const RecipePtr recipe = anybody_up() || trying_ ? recipe_ : newest();
  post.occupant = start_occupant(post, post.slot, *recipe);
}

// Null if it cannot be started; that is then written down.
Pool::OccupantPtr Pool::start_occupant(Post& post, int slot, const Recipe& recipe) {
  const std::string owner = fmt::format("{}.{}.{}", settings_.owner, slot, ++lives_);
  Death death;
  try {
    Environment environment = recipe.environment;
    environment["RYUMEM_SLOT"] = std::to_string(slot);
    environment["RYUMEM_OWNER"] = owner;
    environment["RYUMEM_SUPERVISOR_PID"] = std::to_string(getpid());
    const WorkerStart start(settings_.binary, std::move(environment), lifeline_.read_end(),
                            board_.fd());
    return std::make_shared<Occupant>(board_.slot(slot), slot, start, owner, recipe.number,
                                      random_fraction());
  } catch (...) {
    death.what = current_failure().what();
  }
  death.slot = slot;
  death.reason = name(Replaced::spawn_failure);
  record(post, std::move(death), nullptr);
  return nullptr;
}

// One worker's life, to its end, and who is there after it.
Task<> Pool::live(Post* post) {
  const OccupantPtr occupant = post->occupant;
  try {
    Death death = co_await occupant->ended(abandoned_);
    if (settings_.ended) settings_.ended(occupant->owner(), Occupant::crashed(death));
    record(*post, std::move(death), occupant.get());
  } catch (const Failure& failure) {
    spdlog::error("worker {}: {}", occupant->index(), failure.what());
  }
  post->occupant = std::move(post->next);
  post->next = nullptr;
  if (post->occupant) {
    release_slot(*post);
    post->slot = post->occupant->index();
  }
  looked_.notify();
}

// `occupant`: null if there was none, since it could not be started.
void Pool::record(Post& post, Death death, const Occupant* occupant) {
  const bool expected = occupant != nullptr && occupant->asked_to_end();
  for (int i = 0; i < static_cast<int>(Replaced::count); ++i)
    if (death.reason == name(static_cast<Replaced>(i)))
      ++replacements_[static_cast<std::size_t>(i)];
  std::string next;
  if (!expected && !stopping_.requested()) {
    if (occupant != nullptr && occupant->age() >= settings_.good_service) post.deaths = 0;
    const Millis delay = respawn_delay(++post.deaths, random_fraction());
    post.not_before = Monotonic::now() + delay;
    post.last_words = death.what;
    next = "; next one " + (post.next ? std::string("is there") : when(delay));
  }
  if (expected || stopping_.requested())
    spdlog::info("worker {}: {}", death.slot, death.text());
  else
    spdlog::warn("worker {}: {}{}", death.slot, death.text(), next);
  deaths_.add(std::move(death));
}

void Pool::release_slot(Post& post) noexcept {
  if (post.slot >= 0) vacate(board_.slot(post.slot), WorkerState::unused);
  post.slot = -1;
}

// There is always one: each post holds one slot at most, and only one is being renewed.
int Pool::free_slot() const {
  for (int i = 0; i < board_.slots(); ++i)
    if (state_of(board_.slot(i)) == WorkerState::unused) return i;
  throw Failure(Kind::internal, "all slots of the scoreboard are taken");
}

void Pool::set_wanted(int count) noexcept {
  const int before = wanted_;
  wanted_ = std::clamp(count, 1, most());
  for (const auto& post : posts_) {
    if (wanted(*post) == (post->number < before)) continue;
    if (!wanted(*post) && post->occupant) post->occupant->finish("fewer");
    if (!wanted(*post) && post->next) post->next->finish("fewer");
    post->changed.notify();
  }
}

void Pool::set_quiet(bool quiet) noexcept {
  board_.set_quiet(quiet);
  tell(quiet ? SIGTSTP : SIGCONT);
}

void Pool::reopen_logs() noexcept {
  each_occupant([](Occupant& occupant) { occupant.reopen_log(); });
}

void Pool::tell(int signal) noexcept {
  each_occupant([signal](Occupant& occupant) { occupant.tell(signal); });
}

Task<> Pool::drain(Millis limit) {
  stopping_.request(Failure(Kind::stopping, "the supervisor is stopping"));
  each_occupant([](Occupant& occupant) { occupant.finish("stopped"); });
  last_resort_.once(limit, [this] { kill_stragglers(); });
  co_await running_.join();
  looks_.stop();
  last_resort_.stop();
}

void Pool::hurry(Millis limit) noexcept {
  each_occupant([](Occupant& occupant) { occupant.hurry(); });
  last_resort_.once(limit, [this] { kill_stragglers(); });
}

void Pool::kill_stragglers() noexcept {
  each_occupant([this](Occupant& occupant) {
    spdlog::error("worker {}: pid {} did not stop in time and is killed with {} jobs in hand",
                  occupant.index(), occupant.pid(),
                  board_.slot(occupant.index()).jobs_in_hand.load());
    occupant.kill();
  });
  last_resort_.once(kForDying, [this] {
    abandoned_.request(Failure(Kind::stopping,
                               "its process is killed and does not end; it is left to the kernel"));
  });
}

void Pool::look() noexcept {
  look_at_hearts();
  // While nobody works there is nothing to be replaced in good order, and nothing to keep.
  bool fits = candidate_ && !trying_ && !anybody_up();
  each_occupant([this, &fits](const Occupant& occupant) {
    fits = fits || (candidate_ && occupant.up() && occupant.recipe() == candidate_->number);
  });
  if (fits) proved(candidate_);
  looked_.notify();
}

void Pool::look_at_hearts() noexcept {
  const Monotonic::time_point now = Monotonic::now();
  // If we stood still ourselves (stopped, or the machine was), the workers may have, too: they get
  // the time to beat again.
  if (now - last_look_ > 3 * kLook) no_verdict_before_ = now + settings_.heartbeat_limit;
  last_look_ = now;
  if (now < no_verdict_before_ || settings_.heartbeat_limit == Millis(0)) return;
  each_occupant([this](Occupant& occupant) { occupant.look_at_heart(settings_.heartbeat_limit); });
}

int Pool::ready() const {
  int count = 0;
  each_occupant([&count](const Occupant& occupant) { count += occupant.up(); });
  return count;
}

int Pool::present() const {
  int count = 0;
  each_occupant([&count](const Occupant&) { ++count; });
  return count;
}

int Pool::beating() const {
  int count = 0;
  each_occupant([this, &count](const Occupant& occupant) {
    count += occupant.beats(settings_.heartbeat_limit);
  });
  return count;
}

bool Pool::anybody_up() const { return ready() > 0; }

std::vector<std::string> Pool::troubles() const {
  std::vector<std::string> out;
  for (const auto& post : posts_) {
    if (!wanted(*post) || post->deaths < kCrashLoop) continue;
    if (post->occupant && post->occupant->up() && post->occupant->age() >= kOutOfTheLoop) continue;
    out.push_back(fmt::format("worker {} has ended {} times in a row, at last: {}", post->number,
                              post->deaths, post->last_words));
  }
  return out;
}

}  // namespace ryumem
