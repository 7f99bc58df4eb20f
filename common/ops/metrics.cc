#include "common/ops/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <vector>

#include "common/ops/version.h"

namespace ryumem {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

struct View {
  const Scoreboard& board;
  const SupervisorFigures& own;
  std::uint64_t now_ns;
};

// Where a family's function puts its samples.
class Samples {
 public:
  Samples(MetricType type, std::vector<ClientMetric>& out) : type_(type), out_(out) {}

  void add(double value, Labels labels = {}) {
    ClientMetric& sample = out_.emplace_back();
    sample.label = std::move(labels);
    if (type_ == MetricType::Counter)
      sample.counter.value = value;
    else
      sample.gauge.value = value;
  }

  // `of` gives the Durations of a slot; all slots make one histogram. The count is the sum of the
  // buckets, so that the two agree even while workers go on counting.
  template <class Of>
  void add_histogram(const View& view, Of of, Labels labels = {}) {
    ClientMetric& sample = out_.emplace_back();
    sample.label = std::move(labels);
    prometheus::ClientMetric::Histogram& histogram = sample.histogram;
    for (std::size_t i = 0; i <= kDurationBounds.size(); ++i) {
      for (int slot = 0; slot < view.board.slots(); ++slot)
        histogram.sample_count += of(view.board.slot(slot)).buckets[i].load();
      if (i < kDurationBounds.size())
        histogram.bucket.push_back({histogram.sample_count, kDurationBounds[i]});
    }
    for (int slot = 0; slot < view.board.slots(); ++slot)
      histogram.sample_sum += static_cast<double>(of(view.board.slot(slot)).sum_us.load()) / 1e6;
  }

 private:
  MetricType type_;
  std::vector<ClientMetric>& out_;
};

// Sum over all slots of the Count that `of` gives.
template <class Of>
double total(const View& view, Of of) {
  std::uint64_t sum = 0;
  for (int i = 0; i < view.board.slots(); ++i) sum += of(view.board.slot(i)).load();
  return static_cast<double>(sum);
}

template <class Enum>
std::vector<Enum> all() {
  std::vector<Enum> out;
  for (int i = 0; i < static_cast<int>(Enum::count); ++i) out.push_back(static_cast<Enum>(i));
  return out;
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> out;
  for (std::size_t i = 0; i < kKinds; ++i) out.push_back(static_cast<Kind>(i));
  return out;
}

template <class Enum>
Labels label(const char* key, Enum value) {
  return {{key, std::string(name(value))}};
}

void queue_jobs(const View& view, Samples& out) {
  if (view.own.pending) out.add(static_cast<double>(*view.own.pending), {{"state", "pending"}});
  if (view.own.processing)
    out.add(static_cast<double>(*view.own.processing), {{"state", "processing"}});
  if (view.own.delayed) out.add(static_cast<double>(*view.own.delayed), {{"state", "delayed"}});
  if (view.own.parked) out.add(static_cast<double>(*view.own.parked), {{"state", "parked"}});
  if (view.own.dead) out.add(static_cast<double>(*view.own.dead), {{"state", "dead"}});
}

void jobs(const View& view, Samples& out) {
  for (const Outcome outcome : all<Outcome>())
    out.add(total(
                view, [&](const Slot& slot) -> auto& { return slot.jobs[outcome]; }),
            label("outcome", outcome));
}

void claimed_jobs(const View& view, Samples& out) {
  out.add(total(
      view, [](const Slot& slot) -> auto& { return slot.claimed; }));
}

void jobs_in_hand(const View& view, Samples& out) {
  out.add(total(
      view, [](const Slot& slot) -> auto& { return slot.jobs_in_hand; }));
}

void attempt_failures(const View& view, Samples& out) {
  for (const Kind kind : all_kinds())
    out.add(total(
                view, [&](const Slot& slot) -> auto& { return slot.of(kind); }),
            label("kind", kind));
}

void attempt_durations(const View& view, Samples& out) {
  out.add_histogram(
      view, [](const Slot& slot) -> auto& { return slot.attempt; });
}

void step_durations(const View& view, Samples& out) {
  for (const Step step : all<Step>())
    out.add_histogram(
        view, [&](const Slot& slot) -> auto& { return slot.of(step); }, label("step", step));
}

void rate_waits(const View& view, Samples& out) {
  out.add_histogram(
      view, [](const Slot& slot) -> auto& { return slot.chat_waits; }, label("call", Call::chat));
  out.add_histogram(
      view, [](const Slot& slot) -> auto& { return slot.embed_waits; }, label("call", Call::embed));
}

void requests(const View& view, Samples& out) {
  for (const Call call : all<Call>())
    for (const Reply reply : all<Reply>())
      out.add(total(
                  view, [&](const Slot& slot) -> auto& { return slot.of(call)[reply]; }),
              {{"call", std::string(name(call))}, {"reply", std::string(name(reply))}});
}

void tokens(const View& view, Samples& out) {
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.tokens_in; }),
          {{"direction", "in"}});
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.tokens_out; }),
          {{"direction", "out"}});
}

void upserted(const View& view, Samples& out) {
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.entities; }),
          {{"what", "entity"}});
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.relationships; }),
          {{"what", "relationship"}});
}

void dropped_items(const View& view, Samples& out) {
  for (const Dropped reason : all<Dropped>())
    out.add(total(
                view, [&](const Slot& slot) -> auto& { return slot.dropped[reason]; }),
            label("reason", reason));
}

void answer_repairs(const View& view, Samples& out) {
  for (const Repair repair : all<Repair>())
    out.add(total(
                view, [&](const Slot& slot) -> auto& { return slot.repairs[repair]; }),
            label("repair", repair));
}

void text_splits(const View& view, Samples& out) {
  out.add(total(
      view, [](const Slot& slot) -> auto& { return slot.splits; }));
}

void workers(const View& view, Samples& out) {
  for (const WorkerState state : all<WorkerState>()) {
    if (state == WorkerState::unused) continue;
    int count = 0;
    for (int i = 0; i < view.board.slots(); ++i) count += state_of(view.board.slot(i)) == state;
    out.add(count, label("state", state));
  }
}

void worker_restarts(const View& view, Samples& out) {
  for (const Replaced reason : all<Replaced>())
    out.add(static_cast<double>(view.own.replacements[static_cast<std::size_t>(reason)]),
            label("reason", reason));
}

void workers_wanted(const View& view, Samples& out) { out.add(view.own.workers_wanted); }

void pool_degraded(const View& view, Samples& out) { out.add(view.own.degraded ? 1 : 0); }

void signals(const View& view, Samples& out) {
  for (const Signal signal : all<Signal>())
    out.add(static_cast<double>(view.own.signals[static_cast<std::size_t>(signal)]),
            label("signal", signal));
}

void reload_successful(const View& view, Samples& out) {
  out.add(view.own.reload_successful ? 1 : 0);
}

void reloaded_at(const View& view, Samples& out) { out.add(view.own.reloaded_at); }

void orphans(const View& view, Samples& out) { out.add(static_cast<double>(view.own.orphans)); }

void heartbeat_age(const View& view, Samples& out) {
  std::optional<std::uint64_t> oldest;
  for (int i = 0; i < view.board.slots(); ++i) {
    if (!present(state_of(view.board.slot(i)))) continue;
    const std::uint64_t beat = view.board.slot(i).beat_ns.load();
    oldest = std::max(oldest.value_or(0), view.now_ns > beat ? view.now_ns - beat : 0);
  }
  if (oldest) out.add(static_cast<double>(*oldest) / 1e9);
}

void untold(const View& view, Samples& out) {
  if (view.own.untold) out.add(static_cast<double>(*view.own.untold));
}

void taken_back(const View& view, Samples& out) {
  for (const TakenBackFrom whom : all<TakenBackFrom>())
    out.add(static_cast<double>(view.own.care.taken_back[static_cast<std::size_t>(whom)]),
            label("from", whom));
}

void poisoned(const View& view, Samples& out) {
  out.add(static_cast<double>(view.own.care.poisoned));
}

void promoted(const View& view, Samples& out) {
  out.add(static_cast<double>(view.own.care.promoted));
}

void calls_in_doubt(const View& view, Samples& out) {
  out.add(static_cast<double>(view.own.care.calls_in_doubt), {{"cause", "crash"}});
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.calls_abandoned; }),
          {{"cause", "abandoned"}});
}

void calls_saved(const View& view, Samples& out) {
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.calls_saved; }),
          {{"by", "journal"}});
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.calls_cached; }),
          {{"by", "cache"}});
  out.add(total(
              view, [](const Slot& slot) -> auto& { return slot.calls_gathered; }),
          {{"by", "gathering"}});
}

void embedding_texts(const View& view, Samples& out) {
  for (const TextFrom from : all<TextFrom>())
    out.add(total(
                view, [&](const Slot& slot) -> auto& { return slot.texts[from]; }),
            label("from", from));
}

void leases_lost(const View& view, Samples& out) {
  out.add(total(
      view, [](const Slot& slot) -> auto& { return slot.leases_lost; }));
}

void letters_told(const View& view, Samples& out) {
  out.add(total(
      view, [](const Slot& slot) -> auto& { return slot.letters_told; }));
}

void circuits(const View& view, Samples& out) {
  for (const Dependency on : all<Dependency>())
    for (const CircuitState state : all<CircuitState>()) {
      int count = 0;
      for (int i = 0; i < view.board.slots(); ++i)
        count += present(state_of(view.board.slot(i))) &&
                 view.board.slot(i).of(on).state.load() == static_cast<std::uint64_t>(state);
      out.add(count, {{"dependency", std::string(name(on))}, {"state", std::string(name(state))}});
    }
}

void chat_held_by(const View& view, Samples& out) {
  for (const HeldBy by : all<HeldBy>()) {
    int count = 0;
    for (int i = 0; i < view.board.slots(); ++i)
      count += present(state_of(view.board.slot(i))) &&
               view.board.slot(i).chat_held_by.load() == static_cast<std::uint64_t>(by);
    out.add(count, label("by", by));
  }
}

void circuits_opened(const View& view, Samples& out) {
  for (const Dependency on : all<Dependency>())
    out.add(total(
                view, [&](const Slot& slot) -> auto& { return slot.of(on).opened; }),
            label("dependency", on));
}

constexpr double kNanosInDollar = 1e9;

// One sample for each row of the accounts: `of` gives the total.
template <class Of>
void of_accounts(const View& view, Samples& out, Of of, double unit = 1, Labels more = {}) {
  for (const AccountRow& row : view.board.accounts().rows()) {
    if (!row.named()) continue;
    const AccountRow::Name name = row.name();
    Labels labels = {{"provider", name.provider},
                     {"model", name.model},
                     {"call", name.call},
                     {"customer", name.customer}};
    labels.insert(labels.end(), more.begin(), more.end());
    out.add(static_cast<double>(of(row).load(std::memory_order_relaxed)) / unit, labels);
  }
}

void model_calls(const View& view, Samples& out) {
  of_accounts(
      view, out, [](const AccountRow& row) -> auto& { return row.calls; });
}

void model_refusals(const View& view, Samples& out) {
  of_accounts(
      view, out, [](const AccountRow& row) -> auto& { return row.refused; });
}

void model_tokens(const View& view, Samples& out) {
  of_accounts(view, out, [](const AccountRow& row) -> auto& { return row.tokens_in; }, 1,
              {{"direction", "in"}});
  of_accounts(view, out, [](const AccountRow& row) -> auto& { return row.tokens_out; }, 1,
              {{"direction", "out"}});
}

void model_cost(const View& view, Samples& out) {
  of_accounts(
      view, out, [](const AccountRow& row) -> auto& { return row.nano_usd; }, kNanosInDollar);
}

void unpriced_calls(const View& view, Samples& out) {
  of_accounts(
      view, out, [](const AccountRow& row) -> auto& { return row.unpriced; });
}

// The dearest customers of the day by their names, and the rest together.
void spent_today(const View& view, Samples& out) {
  if (!view.own.spent) return;
  NanoUsd rest = view.own.spent->all.nano_usd;
  for (const auto& [customer, spend] : view.own.spent->customers) {
    if (customer == "other") continue;  // a customer of that name is among the rest
    rest -= spend.nano_usd;
    out.add(static_cast<double>(spend.nano_usd) / kNanosInDollar, {{"customer", customer}});
  }
  out.add(static_cast<double>(rest) / kNanosInDollar, {{"customer", "other"}});
}

void tokens_today(const View& view, Samples& out) {
  if (!view.own.spent) return;
  out.add(static_cast<double>(view.own.spent->all.tokens_in), {{"direction", "in"}});
  out.add(static_cast<double>(view.own.spent->all.tokens_out), {{"direction", "out"}});
}

void unpriced_today(const View& view, Samples& out) {
  if (view.own.spent) out.add(static_cast<double>(view.own.spent->all.unpriced));
}

void caps(const View& view, Samples& out) {
  const Caps& caps = view.own.caps;
  if (caps.all_usd > 0)
    out.add(static_cast<double>(caps.all_usd) / kNanosInDollar, {{"of", "all"}});
  if (caps.customer_usd > 0)
    out.add(static_cast<double>(caps.customer_usd) / kNanosInDollar, {{"of", "customer"}});
}

void unparked(const View& view, Samples& out) {
  out.add(static_cast<double>(view.own.care.unparked));
}

void redis_up(const View& view, Samples& out) { out.add(view.own.redis_up ? 1 : 0); }

void build_info(const View&, Samples& out) {
  out.add(1, {{"version", std::string(program_version())}});
}

void start_time(const View& view, Samples& out) { out.add(view.own.started_at); }

struct Family {
  const char* name;
  MetricType type;
  const char* help;
  void (*fill)(const View&, Samples&);
};

constexpr Family kFamilies[] = {
    {"ryumem_queue_jobs", MetricType::Gauge,
     "Jobs in Redis by state; absent while Redis cannot be asked.", queue_jobs},
    {"ryumem_jobs_total", MetricType::Counter, "Attempts at jobs that were settled, by outcome.",
     jobs},
    {"ryumem_claimed_jobs_total", MetricType::Counter, "Jobs taken from the queue.", claimed_jobs},
    {"ryumem_jobs_in_hand", MetricType::Gauge, "Jobs that workers are working on.", jobs_in_hand},
    {"ryumem_attempt_failures_total", MetricType::Counter,
     "Attempts at jobs that failed, by kind of failure.", attempt_failures},
    {"ryumem_attempt_duration_seconds", MetricType::Histogram,
     "Time from the claim of a job to its settlement.", attempt_durations},
    {"ryumem_step_duration_seconds", MetricType::Histogram,
     "Time that a step of the extraction took.", step_durations},
    {"ryumem_rate_wait_seconds", MetricType::Histogram,
     "Time that calls to models waited for their turn, so that no more go out than the provider "
     "allows.",
     rate_waits},
    {"ryumem_requests_total", MetricType::Counter,
     "Requests to the model and to the server, by what came back.", requests},
    {"ryumem_tokens_total", MetricType::Counter, "Tokens as the model's provider counts them.",
     tokens},
    {"ryumem_upserted_total", MetricType::Counter,
     "Entities and relationships that the server has taken.", upserted},
    {"ryumem_dropped_items_total", MetricType::Counter,
     "Items of a model's answers that were left out, by reason.", dropped_items},
    {"ryumem_answer_repairs_total", MetricType::Counter,
     "What was not as promised in a model's answers and was read all the same, by sort.",
     answer_repairs},
    {"ryumem_text_splits_total", MetricType::Counter,
     "Texts asked about in two halves, since question or answer did not fit.", text_splits},
    {"ryumem_workers", MetricType::Gauge, "Worker slots by the state of their worker.", workers},
    {"ryumem_worker_restarts_total", MetricType::Counter,
     "Workers that had to be replaced, by how they ended.", worker_restarts},
    {"ryumem_workers_wanted", MetricType::Gauge,
     "Workers that there should be: --workers, and what TTIN and TTOU made of it.", workers_wanted},
    {"ryumem_pool_degraded", MetricType::Gauge, "1 while some worker dies again and again.",
     pool_degraded},
    {"ryumem_signals_total", MetricType::Counter, "Signals that the supervisor got.", signals},
    {"ryumem_config_last_reload_successful", MetricType::Gauge,
     "1 if the configuration that was read last is in force, 0 if it was refused.",
     reload_successful},
    {"ryumem_config_last_reload_success_timestamp_seconds", MetricType::Gauge,
     "When the configuration in force was read, in seconds since the Unix epoch.", reloaded_at},
    {"ryumem_orphans_reaped_total", MetricType::Counter,
     "Ended processes that were left to the supervisor and were none of its workers.", orphans},
    {"ryumem_worker_heartbeat_age_seconds", MetricType::Gauge,
     "Time since the last heartbeat of the worker that has been silent longest.", heartbeat_age},
    {"ryumem_untold_dead_jobs", MetricType::Gauge,
     "Dead jobs that the server has still to be told of; absent while Redis cannot be asked.",
     untold},
    {"ryumem_taken_back_jobs_total", MetricType::Counter,
     "Jobs put back into the queue because their worker was gone, by whom they were taken from.",
     taken_back},
    {"ryumem_poison_jobs_total", MetricType::Counter,
     "Jobs buried because too many workers died with them in hand.", poisoned},
    {"ryumem_promoted_jobs_total", MetricType::Counter,
     "Delayed jobs that went back to the queue when they were due.", promoted},
    {"ryumem_calls_in_doubt_total", MetricType::Counter,
     "Paid calls of which nobody knows whether they were carried out, by cause.", calls_in_doubt},
    {"ryumem_calls_saved_total", MetricType::Counter,
     "Paid calls that were not made: the journal or the cache had the answer, or the texts went "
     "out in a "
     "request of others.",
     calls_saved},
    {"ryumem_embedding_texts_total", MetricType::Counter,
     "Texts that were to be embedded, by where their vector came from.", embedding_texts},
    {"ryumem_leases_lost_total", MetricType::Counter,
     "Jobs whose lease ran out while a worker of ours had them.", leases_lost},
    {"ryumem_letters_told_total", MetricType::Counter,
     "Dead jobs that the server was told of, or will not be told of any more.", letters_told},
    {"ryumem_circuits", MetricType::Gauge, "Workers by the state of their circuit to a dependency.",
     circuits},
    {"ryumem_chat_held_by", MetricType::Gauge,
     "Workers by what holds the model that extracts to the shape of its answers.", chat_held_by},
    {"ryumem_circuits_opened_total", MetricType::Counter,
     "How often a circuit to a dependency was opened.", circuits_opened},
    {"ryumem_model_calls_total", MetricType::Counter,
     "Calls to models that were answered, by provider, model, sort of call and customer; a request "
     "for "
     "embeddings counts for each customer whose texts it carries.",
     model_calls},
    {"ryumem_model_refusals_total", MetricType::Counter,
     "Requests that a provider refused: whatever it answered with another status than 200.",
     model_refusals},
    {"ryumem_model_tokens_total", MetricType::Counter,
     "Tokens of answered calls, as the provider counts them; those of a shared request are divided "
     "by "
     "the length of the texts.",
     model_tokens},
    {"ryumem_model_cost_usd_total", MetricType::Counter,
     "What answered calls cost by the price table; calls of unknown price are not in it.",
     model_cost},
    {"ryumem_unpriced_model_calls_total", MetricType::Counter,
     "Answered calls whose model is not in the price table: their cost is unknown.",
     unpriced_calls},
    {"ryumem_spent_today_usd", MetricType::Gauge,
     "What was spent today (UTC) on all hosts, by the customers who spent most; absent while Redis "
     "cannot be asked.",
     spent_today},
    {"ryumem_tokens_today", MetricType::Gauge,
     "Tokens used today (UTC) on all hosts; absent while Redis cannot be asked.", tokens_today},
    {"ryumem_unpriced_calls_today", MetricType::Gauge,
     "Calls of unknown price today (UTC) on all hosts; absent while Redis cannot be asked.",
     unpriced_today},
    {"ryumem_daily_cap_usd", MetricType::Gauge,
     "What may be spent in a day; absent without a limit.", caps},
    {"ryumem_unparked_jobs_total", MetricType::Counter,
     "Parked jobs that went back to the queue when they might go on.", unparked},
    {"ryumem_redis_up", MetricType::Gauge, "1 while the supervisor is connected to Redis.",
     redis_up},
    {"ryumem_build_info", MetricType::Gauge, "Always 1; the label tells the version.", build_info},
    {"process_start_time_seconds", MetricType::Gauge,
     "Start of the supervisor, in seconds since the Unix epoch.", start_time},
};

}  // namespace

std::string_view name(Replaced at) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Replaced::count)> words = {
      "exit", "signal", "spawn_failure", "hang", "jobs", "age", "memory", "reload"};
  return words[static_cast<std::size_t>(at)];
}

std::string_view name(Signal at) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Signal::count)> words = {
      "TERM", "INT", "HUP", "USR1", "TSTP", "CONT", "TTIN", "TTOU"};
  return words[static_cast<std::size_t>(at)];
}

std::string_view name(TakenBackFrom at) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(TakenBackFrom::count)> words = {
      "dead_worker", "expired_lease", "peer"};
  return words[static_cast<std::size_t>(at)];
}

WorkerState state_of(const Slot& slot) {
  const std::uint64_t state = slot.state.load();
  if (state >= static_cast<std::uint64_t>(WorkerState::count)) return WorkerState::stopped;
  return static_cast<WorkerState>(state);
}

std::string metrics_text(const Scoreboard& board, const SupervisorFigures& figures,
                         std::uint64_t now_ns) {
  const View view{board, figures, now_ns};
  std::vector<prometheus::MetricFamily> out;
  for (const Family& family : kFamilies) {
    prometheus::MetricFamily collected{family.name, family.help, family.type, {}};
    Samples samples(family.type, collected.metric);
    family.fill(view, samples);
    if (!collected.metric.empty()) out.push_back(std::move(collected));
  }
  return prometheus::TextSerializer().Serialize(out);
}

}  // namespace ryumem
