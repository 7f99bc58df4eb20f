// ryumem-worker: takes jobs from Redis, extracts, calls the server back. Started by ryumemd, which
// says everything by the environment; it takes no options of its own.
#include <curl/curl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "common/async/loop.h"
#include "common/async/signals.h"
#include "common/base/cores.h"
#include "common/base/journal_stream.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/secrets.h"
#include "common/ops/file_limit.h"
#include "common/ops/log_settings.h"
#include "common/ops/redis_of.h"
#include "worker/consumer.h"
#include "worker/doctor/doctor.h"
#include "worker/fleet_circuits.h"
#include "worker/llm/governor.h"
#include "worker/llm/prompts.h"
#include "worker/oom.h"
#include "worker/pipeline/teller.h"
#include "worker/place.h"
#include "worker/standing.h"

namespace ryumem {
namespace {

constexpr Millis kHeartbeat{1000};
// Longest wait for an answer of Redis before the connection is made anew.
constexpr Millis kRedisLimit{5000};

void prepare_process(const Settings& settings, bool told) {
  leave_last_words("ryumem-worker");
  std::signal(SIGPIPE, SIG_IGN);
  if (told) go_before_the_supervisor();
  allow_cores(settings.core_dumps);
  bound_memory(settings.memory_limit);
  raise_file_limit(files_needed(settings), "this worker");
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

// A supervisor starts us with the signal blocked, so that one that comes early is not our death.
void hear_of(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

Task<> work(const Settings& settings, Place& place) {
  Slot& slot = place.slot();
  Quiet quiet;
  Standing standing(place, quiet);
  Timer heart;
  // A signal that came before its handler was there is made up for here.
  const auto beat = [&slot, &standing] {
    slot.beat_ns.store(monotonic_ns());
    standing.look();
    tell_repeats();
  };
  beat();
  heart.every(kHeartbeat, beat);

  const RedisUrl url = redis_of(settings);
  const Keys keys(settings.queue_prefix);
  Redis redis(url, kRedisLimit);
  Redis waiting(url, kRedisLimit);
  Queue queue(redis, keys, place.owner(), settings.lease);
  Leases leases(queue, slot);
  Circuits circuits(slot);
  FleetCircuits fleet_circuits(settings, circuits, quiet, place.owner());

  const auto concurrency = static_cast<std::size_t>(settings.concurrency);
  HttpClient model_http(std::min(concurrency, kMostConnections), settings.ca_file);
  HttpClient server_http(static_cast<std::size_t>(settings.callback_concurrency), settings.ca_file);
  ChatModel model(model_http, settings, slot, circuits);
  Embedder embedder(model_http, settings, slot, circuits);
  const Prices prices = Prices::read(settings.price_file);
  SpendBook book(queue, place.owner());
  Billing billing(settings, prices, place.accounts(), book);
  model.account_to(billing);
  embedder.account_to(billing);
  Notebook notebook(redis, keys);
  model.remember_in(notebook);
  Governor governor(settings, slot);
  model.govern_by(governor.chat);
  embedder.govern_by(governor.embedding);
  GraphServer graph(server_http, settings, slot, circuits.server);
  Extraction extraction(model, embedder, graph, slot, settings.chunk_tokens);
  Notice buried;
  JobRunner runner(queue, leases, extraction, circuits, buried, settings, slot);
  Teller teller(queue, graph, buried, slot);
  Consumer consumer(queue, waiting, circuits, runner, quiet, settings.concurrency,
                    pausable_by(settings), &governor);

  Shutdown shutdown(settings.drain_timeout);
  // The second signal means hurry. The death of the supervisor is told by its lifeline and by HUP,
  // and is no hurry.
  int asked = 0;
  const auto asked_to_stop = [&shutdown, &asked, &standing, &fleet_circuits] {
    standing.draining();
    fleet_circuits.retire();
    if (++asked == 1)
      shutdown.begin("asked to stop");
    else
      shutdown.hurry();
  };
  SignalWatch on_term(SIGTERM, asked_to_stop);
  SignalWatch on_interrupt(SIGINT, asked_to_stop);
  SignalWatch on_orphaned(SIGHUP, [&shutdown, &fleet_circuits] {
    fleet_circuits.retire();
    shutdown.begin("the supervisor is gone");
  });
  SignalWatch on_quiet(SIGTSTP, [&standing] { standing.told(true); });
  SignalWatch on_resume(SIGCONT, [&standing] { standing.told(false); });
  SignalWatch on_reopen(SIGUSR1, reopen_log);
  hear_of(SIGUSR1);
  Cancel ended;
  Scope background;
  background.spawn(leases.keep(ended));
  background.spawn(teller.run(ended));
  background.spawn(book.keep(ended));
  background.spawn(governor.keep(queue, ended));
  background.spawn(fleet_circuits.keep(queue, ended));
  if (!place.alone()) background.spawn(place.watch_supervisor(shutdown, ended));

  slot.started_ns.store(monotonic_ns());
  standing.ready();
  slot.pid.store(static_cast<std::uint64_t>(getpid()));
  spdlog::info("ready: {} jobs at once, {} {} and {}, prompts version {}", settings.concurrency,
               settings.llm_provider, settings.llm_model, settings.embedding_model, kPromptVersion);
  co_await consumer.run(shutdown);

  ended.request(Failure(Kind::stopping, "the worker has ended"));
  co_await background.join();
  co_await book.close(shutdown.last);
  co_await redis.close();
  co_await waiting.close();
  spdlog::info("stopped");
}

int run(std::vector<std::string> words) {
  const bool doctor = !words.empty() && words[0] == "--doctor";
  if (!words.empty() && !doctor)
    throw Failure(Kind::usage,
                  "ryumem-worker takes no arguments but --doctor; its settings are environment "
                  "variables, see ryumemd --help");
  const Environment environment = take_environment();
  // A supervisor has read it all, and says each setting; alone we read it like a supervisor.
  const bool told = environment.count("RYUMEM_SLOT") != 0;
  const Settings settings = told ? from_environment(environment) : read_settings({}, environment);
  if (doctor) {
    words.erase(words.begin());
    configure_logging(LogSettings("off", "ryumem-worker"));
    return doctor_program(words, settings);
  }
  Place place(environment);
  LogSettings log = log_settings(settings, "ryumem-worker");
  if (!place.alone()) log.slot = place.index();
  configure_logging(log);
  prepare_process(settings, told);
  Loop loop;
  loop.run(work(settings, place));
  tell_repeats(true);
  return 0;
}

}  // namespace
}  // namespace ryumem

int main(int argc, char** argv) {
  try {
    return ryumem::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (...) {
    const ryumem::Failure failure = ryumem::current_failure();
    fmt::print(stderr, "{}ryumem-worker: {}\n", ryumem::journal_prefix(LOG_ERR),
               ryumem::without_secrets(failure.what()));
    return ryumem::exit_code(failure);
  }
}
