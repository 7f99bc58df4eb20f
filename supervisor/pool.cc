#include "supervisor/pool.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "common/async/timer.h"
#include "supervisor/respawn_delay.h"

namespace ryumem {
namespace {

// How often the workers' hearts are looked at, and how long one that is told to abort may take.
constexpr Millis kLookAtHearts{1'000};
constexpr Millis kForAborting{2'000};

double luck() {
  static std::minstd_rand numbers(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(numbers);
}

std::string when(Millis delay) {
  return delay == Millis(0) ? "at once" : fmt::format("in {} ms", delay.count());
}

}  // namespace

Pool::Pool(Scoreboard& board, Settings settings)
    : board_(board),
      settings_(std::move(settings)),
      running_(static_cast<std::size_t>(board.slots()), nullptr),
      hung_since_(static_cast<std::size_t>(board.slots())) {
  for (int i = 0; i < board_.slots(); ++i) vacate(board_.slot(i));
}

void Pool::start() {
  for (int i = 0; i < board_.slots(); ++i) slots_.spawn(keep_filled(i));
  last_look_ = Monotonic::now();
  if (settings_.heartbeat_limit > Millis(0))
    hearts_.every(kLookAtHearts, [this] { look_at_hearts(); });
}

Task<> Pool::keep_filled(int index) {
  Slot& slot = board_.slot(index);
  int deaths = 0;
  for (int life = 1; !stopping_.requested(); ++life) {
    const std::string owner = fmt::format("{}.{}.{}", settings_.owner, index, life);
    const Monotonic::time_point born = Monotonic::now();
    std::unique_ptr<WorkerProcess> worker;
    std::string story;
    Replaced cause = Replaced::spawn_failure;
    occupy(slot);
    try {
      worker = std::make_unique<WorkerProcess>(start_of(index, owner));
    } catch (const Failure& failure) {
      story = failure.what();
    }
    if (worker) {
      running_[static_cast<std::size_t>(index)] = worker.get();
      hung_since_[static_cast<std::size_t>(index)] = {};
      const Ending ending = co_await worker->ended();
      running_[static_cast<std::size_t>(index)] = nullptr;
      cause = ending.signal != 0 ? Replaced::signal : Replaced::exit;
      if (settings_.ended) settings_.ended(owner, ending.signal != 0 || ending.code != 0);
      story =
          fmt::format("pid {} {} after {:.1f} s with {} jobs in hand", worker->pid(), ending.text(),
                      seconds_between(born, Monotonic::now()), slot.jobs_in_hand.load());
    }
    vacate(slot);
    if (stopping_.requested()) {
      spdlog::info("worker {}: {}", index, story);
      break;
    }
    if (Monotonic::now() - born >= settings_.good_service) deaths = 0;
    const Millis delay = respawn_delay(++deaths, luck());
    ++replacements_[static_cast<std::size_t>(cause)];
    spdlog::warn("worker {}: {}; next one {}", index, story, when(delay));
    try {
      if (delay > Millis(0)) co_await Sleep(delay, stopping_);
    } catch (const Failure&) {
      // Draining: the loop's condition sees it.
    }
  }
}

WorkerStart Pool::start_of(int index, const std::string& owner) const {
  Environment environment = settings_.environment;
  environment["RYUMEM_SLOT"] = std::to_string(index);
  environment["RYUMEM_OWNER"] = owner;
  environment["RYUMEM_SUPERVISOR_PID"] = std::to_string(getpid());
  return WorkerStart(settings_.binary, std::move(environment), lifeline_.read_end(), board_.fd());
}

// A slot's fields belong to the worker in it; we write them only while there is none. The heart
// counts from the start, so that a worker which hangs before its first beat is seen, too.
void Pool::occupy(Slot& slot) noexcept {
  slot.started_ns.store(monotonic_ns());
  slot.beat_ns.store(monotonic_ns());
  slot.state.store(static_cast<std::uint64_t>(WorkerState::starting));
}

void Pool::vacate(Slot& slot) noexcept {
  slot.pid.store(0);
  slot.jobs_in_hand.store(0);
  slot.state.store(static_cast<std::uint64_t>(WorkerState::stopped));
}

Task<> Pool::drain(Millis limit) {
  stopping_.request(Failure(Kind::stopping, "the supervisor is stopping"));
  signal_all(SIGTERM);
  Timer last_resort;
  last_resort.once(limit, [this] { kill_stragglers(); });
  co_await slots_.join();
}

void Pool::hurry() noexcept { signal_all(SIGTERM); }

void Pool::signal_all(int number) noexcept {
  for (WorkerProcess* worker : running_)
    if (worker != nullptr) worker->signal(number);
}

void Pool::kill_stragglers() noexcept {
  for (std::size_t i = 0; i < running_.size(); ++i)
    if (running_[i] != nullptr)
      spdlog::error("worker {}: pid {} did not stop in time and is killed with {} jobs in hand", i,
                    running_[i]->pid(), board_.slot(static_cast<int>(i)).jobs_in_hand.load());
  signal_all(SIGKILL);
}

// A worker beats once a second from its loop. One that stands still keeps its jobs' leases from
// being renewed and does nothing else: it is told to abort, for the core, and then killed.
void Pool::look_at_hearts() noexcept {
  const Monotonic::time_point now = Monotonic::now();
  // If we stood still ourselves (stopped, or the machine was), the workers may have, too: they get
  // the time to beat again.
  if (now - last_look_ > 3 * kLookAtHearts) no_verdict_before_ = now + settings_.heartbeat_limit;
  last_look_ = now;
  if (now < no_verdict_before_) return;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    if (running_[i] == nullptr) continue;
    const std::uint64_t beat = board_.slot(static_cast<int>(i)).beat_ns.load();
    const std::uint64_t moment = monotonic_ns();
    const auto silent = std::chrono::nanoseconds(moment > beat ? moment - beat : 0);
    Monotonic::time_point& since = hung_since_[i];
    if (silent <= settings_.heartbeat_limit) {
      since = {};
    } else if (since == Monotonic::time_point()) {
      spdlog::error("worker {}: pid {} has been silent for {} s and is told to abort", i,
                    running_[i]->pid(), std::chrono::duration_cast<Seconds>(silent).count());
      since = now;
      running_[i]->signal(SIGABRT);
    } else if (now - since >= kForAborting) {
      running_[i]->signal(SIGKILL);
    }
  }
}

int Pool::ready() const {
  int count = 0;
  for (int i = 0; i < board_.slots(); ++i) count += state_of(board_.slot(i)) == WorkerState::ready;
  return count;
}

}  // namespace ryumem
