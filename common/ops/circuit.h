// Circuit breakers: when a dependency is out for everybody, stop asking it, and stop taking jobs
// that would need it. After a while one job, the canary, may try; its success closes the circuit.
// What is out for all processes that ask with the same key is shared by them (shared_circuits.h in
// common/queue): then one of them tries for all.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "common/async/sync.h"
#include "common/async/task.h"
#include "common/async/timer.h"
#include "common/base/backoff.h"
#include "common/ops/scoreboard.h"

namespace ryumem {

class Circuits;

/// One dependency's circuit in this process.
class Circuit {
 public:
  Circuit(Dependency dependency, CircuitView& view, Circuits& all);

  /// Throws Failure(Kind::unreachable), with the reason it was opened for, while it is open.
  void admit();
  void succeeded();
  /// Opens it for outage and unreachable. Any other answer of the dependency shows that it is
  /// there.
  void failed(const Failure& failure);

  bool closed() const { return !probe_at_; }
  /// Open, and not due for a probe yet.
  bool open(Monotonic::time_point now = Monotonic::now()) const {
    return probe_at_ && now < *probe_at_;
  }
  std::optional<Monotonic::time_point> probe_at() const { return probe_at_; }

  // For whoever speaks with those who share it.

  /// What they have to know.
  struct News {
    bool failed = false;
    bool works = false;
    std::string why;  // it failed
    Millis least{0};  // until it is to be tried again

    News() = default;
    bool any() const { return failed || works; }
  };
  /// What there is of that since it was taken last.
  News take_news();
  bool has_news() const { return news_.any(); }
  /// They could not be told; what has happened since goes before.
  void keep_news(News news);

  /// It is open for all; `ours`: this process is the one that tries, at once. Else another may try
  /// in `left`, and until then nothing is asked.
  void opened_for_all(const std::string& why, bool ours, Millis left);
  /// It is open for nobody. One that only this process has found open stays so.
  void closed_for_all();
  /// This process is the one that tries, has not asked yet, and has no job in hand that will.
  bool idle_canary() const;
  /// It has just failed here, and is better tried by another for a while.
  bool resting(Monotonic::time_point now = Monotonic::now()) const { return now < rests_until_; }

 private:
  void close();
  void open_until(Monotonic::time_point when);

  Dependency dependency_;
  CircuitView& view_;
  Circuits& all_;
  Backoff pauses_;
  std::string reason_;
  std::optional<Monotonic::time_point> probe_at_;
  News news_;
  bool shared_ = false;  // open for all, as they said last
  bool ours_ = false;    // and ours to try
  bool tried_ = false;
  bool refused_ = false;  // here, since it worked here
  int contradicted_ = 0;  // how often it then worked for another, since it worked here
  Monotonic::time_point rests_until_{};
};

/// All circuits of a process, and what they mean for taking jobs.
class Circuits {
 public:
  explicit Circuits(Slot& slot);

  Circuit chat;
  Circuit embedding;
  Circuit server;

  /// How many jobs may be taken now, with so many in hand and room for `most` in all: none while a
  /// circuit is open, one when a probe is due, then 2, 4, 8… in hand with each job that ends, until
  /// all is as before.
  std::size_t claimable(std::size_t in_hand, std::size_t most,
                        Monotonic::time_point now = Monotonic::now()) const;
  /// Is some circuit waiting for a canary? Then what is claimed now is one.
  bool probing() const;
  void job_completed();
  /// A job that was claimed as a canary is in hand, and on its way to what it is to try.
  void canary_began() { ++canaries_; }
  void canary_ended() { --canaries_; }
  /// An operator's pause keeps this process from taking jobs; that is believed for a while.
  void held_back();
  bool held(Monotonic::time_point now = Monotonic::now()) const { return now < held_until_; }
  /// A place has become free.
  void job_ended() { change_.notify(); }

  /// Waits until claimable() may have changed since it was asked at `now`: a job ended, a circuit
  /// changed, or a probe is due. With a later time than claimable() was asked with, a probe that
  /// fell due in between would be waited for in vain.
  Task<> changed(Cancel& cancel, Monotonic::time_point now);

  /// Notified when one of them has news for those who share it.
  Notice news;
  bool have_news() const;

 private:
  friend class Circuit;
  void was_opened();
  void has_changed() { change_.notify(); }

  std::array<const Circuit*, 3> all_;
  std::size_t allowance_;
  std::size_t canaries_ = 0;
  Monotonic::time_point held_until_{};
  Notice change_;
};

/// Awaits `make()` through a circuit.
template <class Result, class Make>
Task<Result> through(Circuit& circuit, Make make) {
  circuit.admit();
  try {
    Result result = co_await make();
    circuit.succeeded();
    co_return result;
  } catch (const Failure& failure) {
    circuit.failed(failure);
    throw;
  }
}

}  // namespace ryumem
