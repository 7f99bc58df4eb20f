#include "supervisor/occupant.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "supervisor/process_memory.h"

namespace ryumem {
namespace {

// How long one that is told to abort may take: it writes its stack, and the kernel its core.
constexpr Millis kForAborting{2'000};
constexpr double kJitter = 0.1;

void set(Slot& slot, WorkerState state) noexcept {
  slot.state.store(static_cast<std::uint64_t>(state));
}

// A slot's fields belong to the worker in it; we write them only while there is none. The heart
// counts from the start, so that a worker which hangs before its first beat is seen, too.
void occupy(Slot& slot) noexcept {
  slot.starts.add();
  slot.done_before.store(settled_jobs(slot));
  slot.started_ns.store(monotonic_ns());
  slot.beat_ns.store(monotonic_ns());
  set(slot, WorkerState::starting);
}

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

void vacate(Slot& slot, WorkerState state) noexcept {
  slot.pid.store(0);
  slot.jobs_in_hand.store(0);
  for (int i = 0; i < static_cast<int>(Step::count); ++i) slot.doing[static_cast<Step>(i)].store(0);
  for (WorkView& work : slot.work) work.began_ns.store(0);
  set(slot, state);
}

Occupant::Occupant(Slot& slot, int index, const WorkerStart& start, std::string owner,
                   std::uint64_t recipe, double luck)
    : slot_(slot),
      index_(index),
      owner_(std::move(owner)),
      recipe_(recipe),
      endurance_(1 - kJitter * luck),
      settled_before_(settled_jobs(slot)),
      born_(Monotonic::now()) {
  occupy(slot_);
  try {
    process_ = std::make_unique<WorkerProcess>(start);
  } catch (...) {
    vacate(slot_, WorkerState::stopped);
    throw;
  }
}

Millis Occupant::age() const {
  return std::chrono::duration_cast<Millis>(Monotonic::now() - born_);
}

bool Occupant::up() const { return !has_ended() && ryumem::up(state_of(slot_)); }

std::optional<Replaced> Occupant::worn_out(const WearLimits& limits) const {
  const auto past = [this](double value, double limit) {
    return limit > 0 && value >= limit * endurance_;
  };
  if (past(static_cast<double>(settled_jobs(slot_) - settled_before_),
           static_cast<double>(limits.jobs)))
    return Replaced::jobs;
  if (past(static_cast<double>(age().count()) / 1000, static_cast<double>(limits.age.count())))
    return Replaced::age;
  if (limits.memory > 0 &&
      past(static_cast<double>(resident_memory(pid())), static_cast<double>(limits.memory)))
    return Replaced::memory;
  return std::nullopt;
}

void Occupant::finish(std::string why) noexcept {
  if (asked_) return;
  asked_ = true;
  why_ = std::move(why);
  process_->signal(SIGTERM);
}

void Occupant::hurry() noexcept {
  asked_ = true;
  process_->signal(SIGTERM);
}

void Occupant::tell(int signal) noexcept {
  if (present(state_of(slot_)) && state_of(slot_) != WorkerState::starting)
    process_->signal(signal);
}

// CLOCK_MONOTONIC on both sides: no step of the wall clock comes between, and the time that a
// suspended machine has slept does not count.
Millis Occupant::silence() const {
  const std::uint64_t beat = slot_.beat_ns.load();
  const std::uint64_t now = monotonic_ns();
  const std::chrono::nanoseconds silent(now > beat ? now - beat : 0);
  return std::chrono::duration_cast<Millis>(silent);
}

bool Occupant::beats(Millis limit) const { return silence() <= limit; }

void Occupant::look_at_heart(Millis limit) noexcept {
  const Millis silent = silence();
  const Monotonic::time_point now = Monotonic::now();
  if (has_ended()) return;
  if (silent <= limit) {
    told_to_abort_ = {};
    hung_ = false;
  } else if (told_to_abort_ == Monotonic::time_point()) {
    spdlog::error("worker {}: pid {} has been silent for {} s and is told to abort", index_, pid(),
                  silent.count() / 1000);
    told_to_abort_ = now;
    hung_ = true;
    process_->signal(SIGABRT);
  } else if (now - told_to_abort_ >= kForAborting) {
    kill();
  }
}

Task<Death> Occupant::ended(Cancel& cancel) {
  const Ending ending = co_await process_->ended(cancel);
  Death death;
  death.at = seconds_since_epoch();
  death.slot = index_;
  death.pid = pid();
  death.ending = ending;
  death.what = ending.text();
  death.uptime = static_cast<double>(age().count()) / 1000;
  death.jobs_held = slot_.jobs_in_hand.load();
  death.reason = why_;
  if (hung_)
    death.reason = name(Replaced::hang);
  else if (!asked_)
    death.reason = name(ending.signal != 0 ? Replaced::signal : Replaced::exit);
  vacate(slot_, WorkerState::stopped);
  co_return death;
}

}  // namespace ryumem
