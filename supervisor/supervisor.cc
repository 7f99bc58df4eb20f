#include "supervisor/supervisor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "common/ops/version.h"
#include "supervisor/port_file.h"

namespace ryumem {
namespace {

// A worker gives back what it has in hand when the drain timeout is over; this much later one that
// is still there is stuck.
constexpr Millis kGrace{5'000};

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Unique among all supervisors that ever use the same Redis.
std::string name_of_this_supervisor() {
  char host[256] = "host";
  gethostname(host, sizeof(host) - 1);
  return fmt::format("{}.{}.{}", host, getpid(),
                     std::chrono::system_clock::now().time_since_epoch().count());
}

Pool::Settings pool_settings(const Settings& settings, Caretaker& caretaker) {
  Environment environment = process_environment();
  for (const auto& [name, value] : to_environment(settings)) environment[name] = value;
  environment.erase("RYUMEM_WORKER_ENV_FILE");  // read already; it may be gone by the next start
  Pool::Settings pool(worker_binary(environment), environment);
  pool.owner = name_of_this_supervisor();
  pool.heartbeat_limit = settings.heartbeat_limit;
  pool.ended = [&caretaker](std::string owner, bool crashed) {
    caretaker.worker_ended(std::move(owner), crashed);
  };
  return pool;
}

HttpServer listen(const std::string& address, HttpHandler handler) {
  const ListenAddress at = parse_listen(address);
  return HttpServer(at.host, at.port, std::move(handler), HttpServer::Settings());
}

}  // namespace

// The connections to Redis come last but the signals: once they are there the constructor must not
// fail, since they can only be ended by stop().
Supervisor::Supervisor(const Settings& settings)
    : settings_(settings),
      started_at_(seconds_since_epoch()),
      board_(Scoreboard::create(settings.workers)),
      pool_(board_, pool_settings(settings, caretaker_)),
      http_(listen(settings.listen, [this](HttpExchange& exchange) { return respond(exchange); })),
      caretaker_(settings),
      queue_(settings),
      on_term_(SIGTERM, [this] { asked_to_stop(); }),
      on_int_(SIGINT, [this] { asked_to_stop(); }) {}

Task<> Supervisor::run() {
  const ListenAddress at = parse_listen(settings_.listen);
  spdlog::info("ryumemd {}: {} workers, {}, server {}, http://{}:{}/", program_version(),
               settings_.workers, RedisUrl::parse(settings_.redis_url).name(), settings_.server_url,
               at.host, http_.port());
  if (!settings_.port_file.empty()) write_port_file(settings_.port_file, http_.port());
  pool_.start();
  Cancel never;
  while (stop_requests_ == 0) co_await stop_requested_.wait(never);
  spdlog::info("asked to stop: workers may finish what they have in hand for {} s",
               settings_.drain_timeout.count());
  co_await pool_.drain(settings_.drain_timeout + kGrace);
  spdlog::info("all workers have ended");
}

void Supervisor::asked_to_stop() noexcept {
  if (++stop_requests_ == 1) return stop_requested_.notify();
  spdlog::warn("asked to stop again: workers give back what they have in hand");
  pool_.hurry();
}

Task<> Supervisor::respond(HttpExchange& exchange) {
  HttpAnswer reply = answer(exchange.query, status());
  co_await exchange.respond(std::move(reply));
}

Status Supervisor::status() const {
  Status status(board_);
  const std::optional<Depths> depths = queue_.depths();
  if (depths) status.figures.pending = depths->pending;
  if (depths) status.figures.processing = depths->processing;
  if (depths) status.figures.delayed = depths->delayed;
  if (depths) status.figures.dead = depths->dead;
  if (depths) status.figures.untold = depths->untold;
  status.figures.care = caretaker_.figures();
  status.figures.redis_up = queue_.redis_connected();
  status.figures.replacements = pool_.replacements();
  status.figures.started_at = started_at_;
  status.redis_trouble = queue_.trouble();
  status.draining = pool_.draining();
  return status;
}

Task<> Supervisor::stop() {
  co_await caretaker_.stop();
  co_await queue_.stop();
  co_await http_.stop();
}

Task<> supervise(Settings settings) {
  Supervisor supervisor(settings);
  std::exception_ptr trouble;
  try {
    co_await supervisor.run();
  } catch (...) {
    trouble = std::current_exception();
  }
  co_await supervisor.stop();
  if (trouble) std::rethrow_exception(trouble);
}

}  // namespace ryumem
