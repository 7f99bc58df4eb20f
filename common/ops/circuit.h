// Circuit breakers: when a dependency is out for everybody, stop asking it, and stop taking jobs
// that would need it. After a while one job, the canary, may try; its success closes the circuit.
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

 private:
  Dependency dependency_;
  CircuitView& view_;
  Circuits& all_;
  Backoff pauses_;
  std::string reason_;
  std::optional<Monotonic::time_point> probe_at_;
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
  /// A place has become free.
  void job_ended() { change_.notify(); }

  /// Waits until claimable() may have changed since it was asked at `now`: a job ended, a circuit
  /// changed, or a probe is due. With a later time than claimable() was asked with, a probe that
  /// fell due in between would be waited for in vain.
  Task<> changed(Cancel& cancel, Monotonic::time_point now);

 private:
  friend class Circuit;
  void was_opened();
  void was_closed() { change_.notify(); }

  std::array<const Circuit*, 3> all_;
  std::size_t allowance_;
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
