#include "supervisor/supervisor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/this_host.h"
#include "common/ops/difference.h"
#include "common/ops/file_limit.h"
#include "common/ops/log_settings.h"
#include "common/ops/redis_of.h"
#include "common/ops/version.h"
#include "supervisor/pool_settings.h"
#include "supervisor/port_file.h"
#include "supervisor/process_memory.h"
#include "supervisor/reload.h"
#include "supervisor/requirements.h"
#include "supervisor/stop_signals.h"

namespace ryumem {
namespace {

constexpr Millis kTellRepeatsEvery{1'000};
// How many workers TTIN can make it, unless --workers is more.
constexpr int kMostWorkers = 64;

// The limits are inherited: what is too little for a worker is found here, before there is one.
void take_files(const Settings& settings) {
  const int workers = std::max(settings.workers, kMostWorkers);
  raise_file_limit(
      std::max(files_needed(settings), supervisor_files_needed(workers)),
      fmt::format("{} workers with {} jobs at once", settings.workers, settings.concurrency));
}

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Pool::Settings settings_of_pool(const Settings& settings, const std::string& name,
                                Caretaker& caretaker) {
  Pool::Settings pool = pool_settings(settings);
  pool.owner = name;
  pool.ended = [&caretaker](std::string owner, bool crashed) {
    caretaker.worker_ended(std::move(owner), crashed);
  };
  return pool;
}

HttpServer listen(const std::string& address, HttpHandler handler) {
  const ListenAddress at = parse_listen(address);
  HttpServer::Settings settings;
  settings.limits.body = 0;  // nothing is sent to us but questions
  settings.idle_give_way = true;
  return HttpServer(at.host, at.port, std::move(handler), settings);
}

}  // namespace

// The connections to Redis come last but the signals: once they are there the constructor must not
// fail, since they can only be ended by stop().
Supervisor::Supervisor(const Settings& settings, ReadAgain read_again)
    : settings_(settings),
      read_again_(std::move(read_again)),
      name_(unique_name()),
      started_at_(seconds_since_epoch()),
      board_(Scoreboard::create(std::max(settings.workers, kMostWorkers) + 1)),
      pool_(board_, settings_of_pool(settings, name_, caretaker_)),
      http_(listen(settings.listen, [this](HttpExchange& exchange) { return respond(exchange); })),
      caretaker_(settings),
      queue_(settings),
      herald_(process_environment(),
              [this] { return tidings(status(), pool_.present(), pool_.beating()); }),
      child_ended_(SIGCHLD, [this] { collect_orphans(); }),
      reloaded_at_(started_at_) {
  queue_.introduce(name_, [this] { return introduction(status()); });
  obey_signals();
  remember();
  remembering_.every(Seconds(History::kEvery), [this] { remember(); });
  repeats_.every(kTellRepeatsEvery, [] { tell_repeats(); });
}

void Supervisor::remember() noexcept {
  try {
    history_.take(board_, status().figures, static_cast<std::int64_t>(seconds_since_epoch()));
  } catch (...) {
    spdlog::error("the history misses a point: {}", current_failure().what());
  }
}

void Supervisor::obey_signals() {
  signals_.on(Signal::term, [this] { asked_to_stop(); });
  signals_.on(Signal::interrupt, [this] { asked_to_stop(); });
  signals_.on(Signal::hangup, [this] {
    ++reload_requests_;
    asked_.notify();
  });
  signals_.on(Signal::user1, [this] { reopen_logs(); });
  signals_.on(Signal::terminal_stop, [this] { be_quiet(true); });
  signals_.on(Signal::resume, [this] { be_quiet(false); });
  signals_.on(Signal::more, [this] { want_workers(pool_.wanted() + 1); });
  signals_.on(Signal::fewer, [this] { want_workers(pool_.wanted() - 1); });
  adopt_orphans();
  collect_orphans();  // those who ended before anybody listened
}

void Supervisor::collect_orphans() noexcept {
  orphans_ += static_cast<std::uint64_t>(WorkerProcess::collect_others());
}

Task<> Supervisor::run() {
  const ListenAddress at = parse_listen(settings_.listen);
  spdlog::info("ryumemd {}: {} workers, {}, server {}, http://{}:{}/", program_version(),
               settings_.workers, redis_of(settings_).name(), settings_.server_url, at.host,
               http_.port());
  if (!settings_.port_file.empty()) write_port_file(settings_.port_file, http_.port());
  pool_.start();
  background_.spawn(keep_reloading());
  if (!settings_.require.empty()) background_.spawn(insist());
  Cancel never;
  while (stop_requests_ == 0 && !missing_) co_await asked_.wait(never);
  stopping_.request(Failure(Kind::stopping, "the supervisor is stopping"));
  herald_.stopping();
  spdlog::info("{}: workers may finish what they have in hand for {} s",
               missing_ ? "stopping" : "asked to stop", settings_.drain_timeout.count());
  co_await pool_.drain(settings_.drain_timeout + kDrainGrace);
  spdlog::info("all workers have ended");
  if (missing_) throw *missing_;
}

Task<> Supervisor::insist() {
  try {
    co_await wait_for_required(settings_, queue_, stopping_);
    spdlog::info("what --require names is there: {}", settings_.require);
  } catch (const Failure& failure) {
    if (stopping_.requested()) co_return;
    missing_ = failure;
    asked_.notify();
  }
}

void Supervisor::asked_to_stop() noexcept {
  if (++stop_requests_ == 1) return asked_.notify();
  spdlog::warn("asked to stop again: workers give back what they have in hand");
  pool_.hurry(kDrainGrace);
}

void Supervisor::reopen_logs() noexcept {
  reopen_log();
  pool_.reopen_logs();
}

// CONT also comes after a STOP, which nobody can notice: it then changes nothing.
void Supervisor::be_quiet(bool quiet) noexcept {
  if (quiet != pool_.quiet())
    spdlog::warn(quiet ? "quiet: workers finish what they have in hand and take no new jobs"
                       : "no longer quiet: workers take jobs again");
  pool_.set_quiet(quiet);
}

void Supervisor::want_workers(int count) noexcept {
  const int before = pool_.wanted();
  pool_.set_wanted(count);
  spdlog::info("{} workers are wanted (1 to {}), {} were", pool_.wanted(), pool_.most(), before);
}

Task<> Supervisor::keep_reloading() {
  for (int done = 0; !stopping_.requested();) {
    try {
      while (done == reload_requests_) co_await asked_.wait(stopping_);
    } catch (const Failure&) {
      break;
    }
    done = reload_requests_;  // those that come meanwhile are one more
    herald_.reloading();
    co_await reload();
    herald_.reloaded();
  }
}

Task<> Supervisor::reload() {
  Reload next(settings_);
  try {
    const Configuration read = read_again_();
    for (const std::string& warning : read.warnings) spdlog::warn("{}", warning);
    next = take_over(settings_, read.settings);
    take_files(next.settings);
    configure_logging(log_settings(next.settings, "ryumemd"));
  } catch (...) {
    reload_successful_ = false;
    for (const std::string& mistake : split(current_failure().what(), '\n'))
      spdlog::error("the configuration is refused, all stays as it was: {}", mistake);
    co_return;
  }
  for (const std::string& variable : next.held_back)
    spdlog::warn("{} has changed: that takes effect at the next start", variable);
  for (const std::string& change : difference(settings_, next.settings).now)
    spdlog::info("the configuration has changed: {}", change);
  Environment environment = workers_environment(next.settings);
  reload_successful_ = co_await pool_.adopt(std::move(environment));
  if (stopping_.requested()) co_return;
  if (!reload_successful_) {
    spdlog::error("no worker gets ready with the new configuration, all stays as it was");
    configure_logging(log_settings(settings_, "ryumemd"));
    co_return;
  }
  settings_ = next.settings;
  reloaded_at_ = seconds_since_epoch();
  pool_.set_limits(pool_settings(settings_));
  caretaker_.adopt(settings_);
  want_workers(settings_.workers);
  spdlog::info("the new configuration is in force; {} workers are still to be replaced",
               pool_.outdated());
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
  if (depths) status.figures.parked = depths->parked;
  if (depths) status.figures.oldest_pending = depths->oldest_pending;
  status.figures.spent = queue_.spent();
  status.figures.caps = caps_of(settings_);
  status.figures.care = caretaker_.figures();
  status.figures.redis_up = queue_.redis_connected();
  status.figures.replacements = pool_.replacements();
  status.figures.signals = signals_.counts();
  status.figures.workers_wanted = pool_.wanted();
  status.figures.heartbeat_limit = static_cast<double>(settings_.heartbeat_limit.count());
  status.pool_troubles = pool_.troubles();
  status.figures.degraded = !status.pool_troubles.empty();
  status.figures.reload_successful = reload_successful_;
  status.figures.reloaded_at = reloaded_at_;
  status.figures.orphans = orphans_;
  status.figures.started_at = started_at_;
  status.redis_trouble = queue_.trouble();
  status.draining = pool_.draining();
  status.quiet = pool_.quiet();
  status.pauses = queue_.pauses();
  status.pausable_by = pausable_by(settings_);
  status.figures.paused = holding(status.pauses, status.pausable_by) != nullptr;
  for (int i = 0; i < board_.slots(); ++i) {
    const auto pid = static_cast<int>(board_.slot(i).pid.load());
    if (pid != 0) status.figures.memory.emplace_back(i, resident_memory(pid));
  }
  status.figures.own_memory = resident_memory(getpid());
  status.letters = queue_.letters();
  status.history = &history_;
  status.deaths = &pool_.deaths();
  status.fleet = queue_.fleet();
  if (!status.fleet.empty()) {
    const auto silent = std::count_if(status.fleet.begin(), status.fleet.end(),
                                      [](const Member& one) { return one.silent(); });
    status.figures.fleet_silent = silent;
    status.figures.fleet_heard = static_cast<std::int64_t>(status.fleet.size()) - silent;
  }
  status.name = name_;
  status.host = host_name();
  status.chat_model = settings_.llm_provider + " " + settings_.llm_model;
  status.embedding_model = settings_.embedding_provider + " " + settings_.embedding_model;
  status.now = seconds_since_epoch();
  status.figures.ready = reasons_not_ready(status).empty();
  return status;
}

Task<> Supervisor::stop() {
  stopping_.request(Failure(Kind::stopping, "the supervisor is stopping"));
  co_await background_.join();
  co_await caretaker_.stop();
  co_await queue_.stop();
  co_await http_.stop();
}

Task<> supervise(Settings settings, ReadAgain read_again) {
  take_files(settings);
  begin_threads();
  std::exception_ptr trouble;
  {
    Supervisor supervisor(settings, std::move(read_again));
    try {
      co_await supervisor.run();
    } catch (...) {
      trouble = std::current_exception();
    }
    co_await supervisor.stop();
    // From here on nobody listens: who asks once more is not to make a death of an end.
    block_stop_signals();
  }
  if (trouble) std::rethrow_exception(trouble);
}

}  // namespace ryumem
