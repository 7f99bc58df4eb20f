// The sandbox: both faces, what goes wrong with them, and what they remember.
#pragma once

#include <string>

#include "common/async/sync.h"
#include "common/net/http_server.h"
#include "sandbox/faults.h"
#include "sandbox/graph_store.h"
#include "sandbox/ledger.h"
#include "sandbox/means.h"
#include "sandbox/model.h"
#include "sandbox/options.h"
#include "sandbox/rate_limit.h"
#include "sandbox/script.h"
#include "sandbox/server_face.h"
#include "sandbox/wire.h"

namespace ryumem::sandbox {

class Sandbox {
 public:
  explicit Sandbox(const Options& options);
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// The handler for an HttpServer, which must be stopped before the sandbox goes.
  Task<> handle(HttpExchange& exchange);

  /// Limits and patience for a stand-in: bodies of any sane size, clients that keep connections.
  static HttpServer::Settings server_settings();

 private:
  Task<> serve_server(HttpExchange& exchange);
  Task<> serve_model(HttpExchange& exchange, const Wire& wire);
  Task<> finish(HttpExchange& exchange, std::uint64_t sequence, HttpAnswer answer, Fault fault);
  bool within_rates(const HttpQuery& query, const Wire& wire, HttpAnswer& answer);
  HttpAnswer control(const HttpQuery& query);
  HttpAnswer control_faults(const HttpQuery& query);
  HttpAnswer control_ledger(const HttpQuery& query);
  HttpAnswer control_manners(const HttpQuery& query);
  HttpAnswer control_rates(const HttpQuery& query);
  HttpAnswer control_script(const HttpQuery& query);

  Options options_;
  GraphStore store_;
  ServerFace server_;
  Script script_;
  Model model_;
  Manners manners_;
  Faults faults_;
  Ledger ledger_;
  RateLimiter rates_;
  Semaphore one_at_a_time_{1};  // the real server has one connection to its database
  Notice faults_changed_;       // lets go of what hangs
};

}  // namespace ryumem::sandbox
