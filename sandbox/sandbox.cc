#include "sandbox/sandbox.h"

#include "common/async/timer.h"
#include "sandbox/delivery.h"

namespace ryumem::sandbox {

Sandbox::Sandbox(const Options& options)
    : options_(options),
      store_(options.dimensions),
      server_(store_, options.internal_key),
      model_(script_, options.dimensions),
      manners_(options.manners),
      ledger_(LedgerLimits()),
      rates_(options.rates) {}

HttpServer::Settings Sandbox::server_settings() {
  HttpServer::Settings settings;
  settings.limits.head = 64 * 1024;
  settings.limits.body = 256U << 20;
  settings.connections = 16'384;
  settings.patience = Millis(3'600'000);
  return settings;
}

Task<> Sandbox::handle(HttpExchange& exchange) {
  const std::string& path = exchange.query.path;
  if (path == "/healthz" || path.starts_with("/sandbox/")) {
    HttpAnswer answer = control(exchange.query);
    co_await exchange.respond(answer);
    co_return;
  }
  if (options_.server_face && ServerFace::takes(path)) {
    co_await serve_server(exchange);
    co_return;
  }
  const Wire* wire = options_.model_face ? find_wire(exchange.query) : nullptr;
  if (wire != nullptr) {
    co_await serve_model(exchange, *wire);
    co_return;
  }
  HttpAnswer answer(404, "{\"detail\":\"Not Found\"}");
  co_await exchange.respond(answer);
}

Task<> Sandbox::serve_server(HttpExchange& exchange) {
  const std::uint64_t sequence = ledger_.begin(Face::server, exchange.query);
  Fault fault = faults_.draw(Face::server, exchange.query.path, exchange.query.body);
  HttpAnswer answer(500, "");
  // What hangs does so outside: a stuck connection is not a stuck database.
  if (!fault.hang || fault.after_work) {
    Permit permit = co_await one_at_a_time_.acquire(exchange.cancel());
    if (fault.latency.count() > 0) co_await Sleep(fault.latency, exchange.cancel());
    if (!fault.before_work()) answer = server_.answer(exchange.query);
    answer.body = spoil(fault.malformed, answer.body);
  }
  co_await finish(exchange, sequence, answer, fault);
}

Task<> Sandbox::serve_model(HttpExchange& exchange, const Wire& wire) {
  const std::uint64_t sequence = ledger_.begin(Face::model, exchange.query);
  Fault fault = faults_.draw(Face::model, exchange.query.path, exchange.query.body);
  HttpAnswer answer(500, "");
  if (fault.complaint.trouble != Trouble::none) {
    Refusal refusal = wire.complain(exchange.query, fault.complaint);
    answer = refusal.answer;
    fault.headers.merge(refusal.headers);
  } else if (!fault.before_work()) {
    answer = wire.answer(exchange.query, Desk(model_, manners_, fault.malformed));
  }
  // It counts when it comes, and whoever comes too soon is told so at once.
  if (!within_rates(exchange.query, wire, answer)) fault = Fault();
  if (fault.latency.count() > 0) co_await Sleep(fault.latency, exchange.cancel());
  co_await finish(exchange, sequence, answer, fault);
}

// Puts what there is to say of rates into the answer; false if it has become a refusal.
bool Sandbox::within_rates(const HttpQuery& query, const Wire& wire, HttpAnswer& answer) {
  if (!rates_.on() || query.method != "POST" || answer.status != 200) return true;
  RateLimiter::Ruling ruling =
      rates_.rule(caller_of(query), tokens_taken(query, answer), Monotonic::now());
  if (!ruling.allowed) {
    Complaint complaint;
    complaint.trouble = Trouble::rate_limit;
    complaint.hint = options_.rates.told ? Hint::usual : Hint::none;
    complaint.wait = ruling.wait;
    Refusal refusal = wire.complain(query, complaint);
    answer = refusal.answer;
    // Ollama itself has no limits; what stands before one tells the wait in a header.
    if (options_.rates.told && refusal.headers.empty())
      refusal.headers = headers_of(Hint::milliseconds, ruling.wait);
    ruling.headers.merge(refusal.headers);
  }
  for (const auto& [name, value] : ruling.headers) answer.with(name, value);
  return ruling.allowed;
}

Task<> Sandbox::finish(HttpExchange& exchange, std::uint64_t sequence, HttpAnswer answer,
                       Fault fault) {
  if (fault.hang) co_await faults_changed_.wait(exchange.cancel());
  if (fault.hang || fault.reset) {
    ledger_.finish(sequence, 0, "", fault.words());
    exchange.reset();
    co_return;
  }
  answer = faulty_answer(fault, answer);
  // Noted before it is sent, so that whoever has the answer finds the call finished.
  ledger_.finish(sequence, answer.status, answer.body, fault.words());
  co_await deliver(exchange, answer, fault);
}

}  // namespace ryumem::sandbox
