// The supervisor's parts put together: workers, queue depth, HTTP, and what signals do.
#pragma once

#include <memory>

#include "common/async/signals.h"
#include "common/net/http_server.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "supervisor/caretaker.h"
#include "supervisor/endpoints.h"
#include "supervisor/pool.h"
#include "supervisor/queue_watch.h"

namespace ryumem {

class Supervisor {
 public:
  /// Takes the address to listen on. Throws Failure(Kind::configuration) if it cannot be had.
  explicit Supervisor(const Settings& settings);

  /// Runs the workers until SIGTERM or SIGINT, and then until they have drained.
  Task<> run();

  /// Ends everything else. Must be awaited before the destruction, also when run() failed.
  Task<> stop();

 private:
  void asked_to_stop() noexcept;
  Task<> respond(HttpExchange& exchange);
  Status status() const;

  Settings settings_;
  double started_at_;
  Scoreboard board_;
  Pool pool_;
  HttpServer http_;
  Caretaker caretaker_;
  QueueWatch queue_;
  int stop_requests_ = 0;
  Notice stop_requested_;
  SignalWatch on_term_;
  SignalWatch on_int_;
};

/// The whole life of a supervisor, from the start of its workers to their end.
Task<> supervise(Settings settings);

}  // namespace ryumem
