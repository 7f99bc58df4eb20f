// The metrics of what is asked of models and of the server, what came back, and what it cost.
#include <iterator>

#include "common/ops/metric_family.h"

namespace ryumem {
namespace {

using prometheus::MetricType;

constexpr double kNanosInDollar = 1e9;

void requests(const MetricSource& from, MetricSamples& out) {
  for (const Call call : all_of<Call>())
    for (const Reply reply : all_of<Reply>()) {
      std::uint64_t sum = 0;
      for (int i = 0; i < from.board.slots(); ++i) sum += from.board.slot(i).of(call)[reply].load();
      out.add(static_cast<double>(sum),
              {{"call", std::string(name(call))}, {"reply", std::string(name(reply))}});
    }
}

void rate_waits(const MetricSource& from, MetricSamples& out) {
  out.add_histogram(
      from, [](const Slot& slot) -> auto& { return slot.chat_waits; }, label("call", Call::chat));
  out.add_histogram(
      from, [](const Slot& slot) -> auto& { return slot.embed_waits; }, label("call", Call::embed));
}

void tokens(const MetricSource& from, MetricSamples& out) {
  add_labelled(from, out, &Slot::tokens_in, {{"direction", "in"}});
  add_labelled(from, out, &Slot::tokens_out, {{"direction", "out"}});
}

void calls_in_doubt(const MetricSource& from, MetricSamples& out) {
  out.add(static_cast<double>(from.own.care.calls_in_doubt), {{"cause", "crash"}});
  add_labelled(from, out, &Slot::calls_abandoned, {{"cause", "abandoned"}});
}

void calls_saved(const MetricSource& from, MetricSamples& out) {
  add_labelled(from, out, &Slot::calls_saved, {{"by", "journal"}});
  add_labelled(from, out, &Slot::calls_cached, {{"by", "cache"}});
  add_labelled(from, out, &Slot::calls_gathered, {{"by", "gathering"}});
}

void embedding_texts(const MetricSource& from, MetricSamples& out) {
  add_totals<TextFrom>(
      from, out, "from", [](const Slot& slot) -> auto& { return slot.texts; });
}

void dropped_items(const MetricSource& from, MetricSamples& out) {
  add_totals<Dropped>(
      from, out, "reason", [](const Slot& slot) -> auto& { return slot.dropped; });
}

void answer_repairs(const MetricSource& from, MetricSamples& out) {
  add_totals<Repair>(
      from, out, "repair", [](const Slot& slot) -> auto& { return slot.repairs; });
}

void circuits(const MetricSource& from, MetricSamples& out) {
  for (const Dependency on : all_of<Dependency>())
    for (const CircuitState state : all_of<CircuitState>()) {
      int count = 0;
      for (int i = 0; i < from.board.slots(); ++i)
        count += present(state_of(from.board.slot(i))) &&
                 from.board.slot(i).of(on).state.load() == static_cast<std::uint64_t>(state);
      out.add(count, {{"dependency", std::string(name(on))}, {"state", std::string(name(state))}});
    }
}

void chat_held_by(const MetricSource& from, MetricSamples& out) {
  for (const HeldBy by : all_of<HeldBy>()) {
    int count = 0;
    for (int i = 0; i < from.board.slots(); ++i)
      count += present(state_of(from.board.slot(i))) &&
               from.board.slot(i).chat_held_by.load() == static_cast<std::uint64_t>(by);
    out.add(count, label("by", by));
  }
}

void circuits_opened(const MetricSource& from, MetricSamples& out) {
  for (const Dependency on : all_of<Dependency>()) {
    std::uint64_t sum = 0;
    for (int i = 0; i < from.board.slots(); ++i) sum += from.board.slot(i).of(on).opened.load();
    out.add(static_cast<double>(sum), label("dependency", on));
  }
}

MetricLabels labels_of(const AccountRow& row) {
  const AccountRow::Name name = row.name();
  return {{"provider", name.provider},
          {"model", name.model},
          {"call", name.call},
          {"customer", name.customer}};
}

// One sample for each row of the accounts: `of` gives the total.
template <class Of>
void of_accounts(const MetricSource& from, MetricSamples& out, Of of, double unit = 1,
                 const MetricLabels& more = {}) {
  for (const AccountRow& row : from.board.accounts().rows()) {
    if (!row.named()) continue;
    MetricLabels labels = labels_of(row);
    labels.insert(labels.end(), more.begin(), more.end());
    out.add(static_cast<double>(of(row).load(std::memory_order_relaxed)) / unit, labels);
  }
}

void model_calls(const MetricSource& from, MetricSamples& out) {
  of_accounts(
      from, out, [](const AccountRow& row) -> auto& { return row.calls; });
}

// A status may stand in two places of a row: in one of its own, and among the rest.
void model_refusals(const MetricSource& from, MetricSamples& out) {
  for (const AccountRow& row : from.board.accounts().rows()) {
    if (!row.named()) continue;
    for (const AccountRow::Refusals& refusals : row.refusals()) {
      const std::uint64_t count = refusals.count.load(std::memory_order_relaxed);
      if (count == 0) continue;
      const std::uint64_t status = refusals.status.load(std::memory_order_relaxed);
      MetricLabels labels = labels_of(row);
      labels.push_back({"status", status == 0 ? "other" : std::to_string(status)});
      out.add(static_cast<double>(count), labels);
    }
  }
}

void model_tokens(const MetricSource& from, MetricSamples& out) {
  of_accounts(from, out, [](const AccountRow& row) -> auto& { return row.tokens_in; }, 1,
              {{"direction", "in"}});
  of_accounts(from, out, [](const AccountRow& row) -> auto& { return row.tokens_out; }, 1,
              {{"direction", "out"}});
}

void model_cost(const MetricSource& from, MetricSamples& out) {
  of_accounts(
      from, out, [](const AccountRow& row) -> auto& { return row.nano_usd; }, kNanosInDollar);
}

void unpriced_calls(const MetricSource& from, MetricSamples& out) {
  of_accounts(
      from, out, [](const AccountRow& row) -> auto& { return row.unpriced; });
}

// The dearest customers of the day by their names, and the rest together: `figure` of each.
void by_customer(const MetricSource& from, MetricSamples& out, std::int64_t Spend::*figure,
                 double unit = 1, const MetricLabels& more = {}) {
  if (!from.own.spent) return;
  const auto add = [&](const std::string& customer, std::int64_t value) {
    MetricLabels labels = {{"customer", customer}};
    labels.insert(labels.end(), more.begin(), more.end());
    out.add(static_cast<double>(value) / unit, labels);
  };
  std::int64_t rest = from.own.spent->all.*figure;
  for (const auto& [customer, spend] : from.own.spent->customers) {
    if (customer == "other") continue;  // a customer of that name is among the rest
    rest -= spend.*figure;
    add(customer, spend.*figure);
  }
  add("other", rest);
}

void spent_today(const MetricSource& from, MetricSamples& out) {
  by_customer(from, out, &Spend::nano_usd, kNanosInDollar);
}

void tokens_today(const MetricSource& from, MetricSamples& out) {
  by_customer(from, out, &Spend::tokens_in, 1, {{"direction", "in"}});
  by_customer(from, out, &Spend::tokens_out, 1, {{"direction", "out"}});
}

void unpriced_today(const MetricSource& from, MetricSamples& out) {
  if (from.own.spent) out.add(static_cast<double>(from.own.spent->all.unpriced));
}

void caps(const MetricSource& from, MetricSamples& out) {
  const Caps& caps = from.own.caps;
  if (caps.all_usd > 0)
    out.add(static_cast<double>(caps.all_usd) / kNanosInDollar, {{"of", "all"}});
  if (caps.customer_usd > 0)
    out.add(static_cast<double>(caps.customer_usd) / kNanosInDollar, {{"of", "customer"}});
}

void token_caps(const MetricSource& from, MetricSamples& out) {
  const Caps& caps = from.own.caps;
  if (caps.all_tokens > 0) out.add(static_cast<double>(caps.all_tokens), {{"of", "all"}});
  if (caps.customer_tokens > 0)
    out.add(static_cast<double>(caps.customer_tokens), {{"of", "customer"}});
}

constexpr const char* kAccount = "provider,model,call,customer";

constexpr MetricFamilyRow kRows[] = {
    {"ryumem_requests_total", MetricType::Counter, "call,reply",
     "Requests to the models and to the server, by what came back: a status of 200 (ok, or "
     "unreadable), of 4xx (client_error), of 5xx (server_error), or none (no_reply).",
     requests},
    {"ryumem_rate_wait_seconds", MetricType::Histogram, "call",
     "Time that calls to models waited for their turn, so that no more go out than the provider "
     "allows.",
     rate_waits},
    {"ryumem_circuits", MetricType::Gauge, "dependency,state",
     "Workers by the state of their circuit to a dependency.", circuits},
    {"ryumem_chat_held_by", MetricType::Gauge, "by",
     "Workers by what holds the model that extracts to the shape of its answers.", chat_held_by},
    {"ryumem_circuits_opened_total", MetricType::Counter, "dependency",
     "How often a circuit to a dependency was opened.", circuits_opened},
    {"ryumem_model_calls_total", MetricType::Counter, kAccount,
     "Calls to models that were answered, by provider, model, sort of call and customer; a request "
     "for embeddings counts for each customer whose texts it carries.",
     model_calls},
    {"ryumem_model_refusals_total", MetricType::Counter, "provider,model,call,customer,status",
     "Requests that a provider refused, by the HTTP status it answered with.", model_refusals},
    {"ryumem_model_tokens_total", MetricType::Counter, "provider,model,call,customer,direction",
     "Tokens of answered calls, as the provider counts them; those of a shared request are divided "
     "by the length of the texts.",
     model_tokens},
    {"ryumem_model_cost_usd_total", MetricType::Counter, kAccount,
     "What answered calls cost by the price table; calls of unknown price are not in it.",
     model_cost},
    {"ryumem_unpriced_model_calls_total", MetricType::Counter, kAccount,
     "Answered calls whose model is not in the price table: their cost is unknown.",
     unpriced_calls},
    {"ryumem_spent_today_usd", MetricType::Gauge, "customer",
     "What was spent today (UTC) on all hosts, by the customers who spent most; absent while Redis "
     "cannot be asked.",
     spent_today},
    {"ryumem_tokens_today", MetricType::Gauge, "customer,direction",
     "Tokens used today (UTC) on all hosts, by the customers who spent most; absent while Redis "
     "cannot be asked.",
     tokens_today},
    {"ryumem_unpriced_calls_today", MetricType::Gauge, "",
     "Calls of unknown price today (UTC) on all hosts; absent while Redis cannot be asked.",
     unpriced_today},
    {"ryumem_daily_cap_usd", MetricType::Gauge, "of",
     "What may be spent in a day; absent without a limit.", caps},
    {"ryumem_daily_cap_tokens", MetricType::Gauge, "of",
     "Tokens, in and out together, that may be used in a day; absent without a limit.", token_caps},
    {"ryumem_tokens_total", MetricType::Counter, "direction",
     "Tokens as the models' providers count them.", tokens},
    {"ryumem_calls_saved_total", MetricType::Counter, "by",
     "Paid calls that were not made: the journal or the cache had the answer, or the texts went "
     "out in a request of others.",
     calls_saved},
    {"ryumem_calls_in_doubt_total", MetricType::Counter, "cause",
     "Paid calls of which nobody knows whether they were carried out, by cause.", calls_in_doubt},
    {"ryumem_embedding_texts_total", MetricType::Counter, "from",
     "Texts that were to be embedded, by where their vector came from.", embedding_texts},
    {"ryumem_dropped_items_total", MetricType::Counter, "reason",
     "Items of a model's answers that were left out, by reason.", dropped_items},
    {"ryumem_answer_repairs_total", MetricType::Counter, "repair",
     "What was not as promised in a model's answers and was read all the same, by sort.",
     answer_repairs},
    {"ryumem_text_splits_total", MetricType::Counter, "",
     "Texts asked about in two halves, since question or answer did not fit.",
     add_total<&Slot::splits>},
};

}  // namespace

MetricTable model_metrics() {
  return {"Models, the server, and money", std::begin(kRows), std::end(kRows)};
}

}  // namespace ryumem
