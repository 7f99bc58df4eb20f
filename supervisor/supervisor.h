// The supervisor's parts put together: workers, queue depth, HTTP, and what signals do.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "common/async/timer.h"
#include "common/net/http_server.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "supervisor/caretaker.h"
#include "supervisor/endpoints.h"
#include "supervisor/herald.h"
#include "supervisor/history.h"
#include "supervisor/pool.h"
#include "supervisor/queue_watch.h"
#include "supervisor/signal_desk.h"

namespace ryumem {

/// Reads the configuration again, from where it was read at the start. Throws Failure.
using ReadAgain = std::function<Configuration()>;

class Supervisor {
 public:
  /// Takes the address to listen on. Throws Failure(Kind::configuration) if it cannot be had.
  Supervisor(const Settings& settings, ReadAgain read_again);

  /// Runs the workers until SIGTERM or SIGINT, and then until they have drained.
  Task<> run();

  /// Ends everything else. Must be awaited before the destruction, also when run() failed.
  Task<> stop();

 private:
  void obey_signals();
  void asked_to_stop() noexcept;
  void reopen_logs() noexcept;
  void be_quiet(bool quiet) noexcept;
  void want_workers(int count) noexcept;
  void collect_orphans() noexcept;
  Task<> insist();
  Task<> keep_reloading();
  Task<> reload();
  Task<> respond(HttpExchange& exchange);
  Status status() const;
  void remember() noexcept;

  Settings settings_;
  ReadAgain read_again_;
  std::string name_;
  double started_at_;
  Scoreboard board_;
  Pool pool_;
  HttpServer http_;
  Caretaker caretaker_;
  QueueWatch queue_;
  SignalDesk signals_;
  Herald herald_;
  SignalWatch child_ended_;
  std::uint64_t orphans_ = 0;
  Timer repeats_;
  std::optional<Failure> missing_;  // what --require names and has not come
  int stop_requests_ = 0;
  int reload_requests_ = 0;
  bool reload_successful_ = true;
  double reloaded_at_;
  History history_;
  Timer remembering_;
  Notice asked_;  // to stop or to reload
  Cancel stopping_;
  Scope background_;
};

/// The whole life of a supervisor, from the start of its workers to their end.
Task<> supervise(Settings settings, ReadAgain read_again);

}  // namespace ryumem
