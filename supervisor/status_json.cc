#include "supervisor/status_json.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "common/base/clock.h"
#include "common/base/json_build.h"
#include "common/base/text.h"
#include "common/ops/version.h"

namespace ryumem {
namespace {

// What came from outside is shown so far; the whole of it is where it came from.
constexpr std::size_t kLongest = 1000;

double seconds_since(std::uint64_t then_ns, std::uint64_t now_ns) {
  return now_ns > then_ns ? static_cast<double>(now_ns - then_ns) / 1e9 : 0;
}

JsonBuilder texts(const std::vector<std::string>& list) {
  JsonBuilder out = JsonBuilder::array();
  for (const std::string& text : list) out.push_string(text);
  return out;
}

void add_known(JsonBuilder& out, const char* key, const std::optional<std::int64_t>& value) {
  if (value)
    out.integer(key, *value);
  else
    out.null(key);
}

void add_known(JsonBuilder& out, const char* key, const std::optional<double>& value) {
  if (value)
    out.number(key, *value);
  else
    out.null(key);
}

JsonBuilder queue(const SupervisorFigures& figures) {
  JsonBuilder out = JsonBuilder::object();
  add_known(out, "pending", figures.pending);
  add_known(out, "processing", figures.processing);
  add_known(out, "delayed", figures.delayed);
  add_known(out, "parked", figures.parked);
  add_known(out, "dead", figures.dead);
  add_known(out, "untold", figures.untold);
  add_known(out, "oldest_pending_s", figures.oldest_pending);
  return out;
}

// Sums of all slots, since the supervisor's start.
JsonBuilder jobs(const Scoreboard& board) {
  std::int64_t claimed = 0, in_hand = 0;
  std::array<std::int64_t, static_cast<std::size_t>(Outcome::count)> outcomes{};
  for (int i = 0; i < board.slots(); ++i) {
    const Slot& slot = board.slot(i);
    claimed += static_cast<std::int64_t>(slot.claimed.load());
    in_hand += static_cast<std::int64_t>(slot.jobs_in_hand.load());
    for (std::size_t at = 0; at < outcomes.size(); ++at)
      outcomes[at] += static_cast<std::int64_t>(slot.jobs[static_cast<Outcome>(at)].load());
  }
  JsonBuilder out = JsonBuilder::object();
  out.integer("claimed", claimed).integer("in_hand", in_hand);
  for (std::size_t at = 0; at < outcomes.size(); ++at)
    out.integer(std::string(name(static_cast<Outcome>(at))).c_str(), outcomes[at]);
  return out;
}

JsonBuilder work_in_hand(const Slot& slot, std::uint64_t now_ns) {
  JsonBuilder out = JsonBuilder::array();
  for (const WorkView& work : slot.work) {
    const std::uint64_t began = work.began_ns.load();
    if (began == 0) continue;
    const std::uint64_t step = work.step.load();
    JsonBuilder job = JsonBuilder::object();
    job.string("id", work.id.text())
        .string("step", step < static_cast<std::uint64_t>(Step::count)
                            ? name(static_cast<Step>(step))
                            : std::string_view("claim"))
        .number("age_s", seconds_since(began, now_ns))
        .number("step_age_s", seconds_since(work.step_ns.load(), now_ns));
    out.push(std::move(job));
  }
  return out;
}

JsonBuilder steps_in_hand(const Slot& slot) {
  JsonBuilder out = JsonBuilder::object();
  for (int i = 0; i < static_cast<int>(Step::count); ++i) {
    const auto step = static_cast<Step>(i);
    const auto count = static_cast<std::int64_t>(slot.doing[step].load());
    if (count > 0) out.integer(std::string(name(step)).c_str(), count);
  }
  return out;
}

JsonBuilder worker(int index, const Status& status, std::uint64_t now_ns) {
  const Slot& slot = status.board.slot(index);
  const bool alive = present(state_of(slot));
  std::optional<std::int64_t> pid, memory;
  std::optional<double> age, heartbeat;
  if (alive && slot.pid.load() != 0) pid = static_cast<std::int64_t>(slot.pid.load());
  if (alive) age = seconds_since(slot.started_ns.load(), now_ns);
  if (alive) heartbeat = seconds_since(slot.beat_ns.load(), now_ns);
  for (const auto& [of, bytes] : status.figures.memory)
    if (of == index) memory = bytes;
  JsonBuilder out = JsonBuilder::object();
  out.integer("slot", index);
  add_known(out, "pid", pid);
  out.string("state", name(state_of(slot)));
  add_known(out, "age_s", age);
  add_known(out, "heartbeat_age_s", heartbeat);
  add_known(out, "memory_bytes", memory);
  out.integer("starts", static_cast<std::int64_t>(slot.starts.load()))
      .integer("jobs_done", static_cast<std::int64_t>(settled_jobs(slot) - slot.done_before.load()))
      .integer("jobs_in_hand", static_cast<std::int64_t>(slot.jobs_in_hand.load()))
      .add("steps", steps_in_hand(slot))
      .add("jobs", work_in_hand(slot, now_ns));
  return out;
}

JsonBuilder workers(const Status& status, std::uint64_t now_ns) {
  JsonBuilder out = JsonBuilder::array();
  for (int i = 0; i < status.board.slots(); ++i) {
    const Slot& slot = status.board.slot(i);
    const bool ever_used = state_of(slot) != WorkerState::unused && slot.starts.load() > 0;
    if (ever_used) out.push(worker(i, status, now_ns));
  }
  return out;
}

JsonBuilder circuits(const Scoreboard& board, std::uint64_t now_ns) {
  JsonBuilder out = JsonBuilder::array();
  for (int i = 0; i < static_cast<int>(Dependency::count); ++i) {
    const auto on = static_cast<Dependency>(i);
    const CircuitSummary circuit = circuit_to(board, on, now_ns);
    JsonBuilder one = JsonBuilder::object();
    one.string("dependency", name(on))
        .string("state", circuit.state)
        .string("reason", circuit.reason)
        .integer("open", circuit.open)
        .integer("workers", circuit.workers);
    std::optional<double> probe;
    if (circuit.next_probe_ns) probe = static_cast<double>(*circuit.next_probe_ns) / 1e9;
    add_known(one, "next_probe_s", probe);
    out.push(std::move(one));
  }
  return out;
}

// Of today; empty while it is not known.
JsonBuilder spend(const SupervisorFigures& figures) {
  JsonBuilder out = JsonBuilder::object();
  if (figures.spent) {
    const Spend& all = figures.spent->all;
    out.number("usd_today", static_cast<double>(all.nano_usd) / 1e9)
        .integer("calls_today", all.calls)
        .integer("tokens_in_today", all.tokens_in)
        .integer("tokens_out_today", all.tokens_out)
        .integer("unpriced_calls_today", all.unpriced);
  }
  const Caps& caps = figures.caps;
  if (caps.all_usd > 0) out.number("cap_usd", static_cast<double>(caps.all_usd) / 1e9);
  if (caps.customer_usd > 0)
    out.number("customer_cap_usd", static_cast<double>(caps.customer_usd) / 1e9);
  if (caps.all_tokens > 0) out.integer("cap_tokens", caps.all_tokens);
  if (caps.customer_tokens > 0) out.integer("customer_cap_tokens", caps.customer_tokens);
  return out;
}

JsonBuilder spenders(const SupervisorFigures& figures) {
  JsonBuilder out = JsonBuilder::array();
  if (!figures.spent) return out;
  for (const auto& [customer, spend] : figures.spent->customers) {
    JsonBuilder one = JsonBuilder::object();
    one.string("customer", customer)
        .number("usd", static_cast<double>(spend.nano_usd) / 1e9)
        .integer("calls", spend.calls)
        .integer("tokens", spend.tokens_in + spend.tokens_out);
    out.push(std::move(one));
  }
  return out;
}

JsonBuilder dead(const std::vector<Letter>& letters) {
  JsonBuilder out = JsonBuilder::array();
  for (const Letter& letter : letters) {
    JsonBuilder one = JsonBuilder::object();
    one.string("id", letter.id)
        .string("kind", letter.kind)
        .string("cause", excerpt(letter.cause, kLongest))
        .number("at", std::strtod(letter.at.c_str(), nullptr) / 1000)
        .integer("attempts", letter.attempts)
        .string("told", excerpt(letter.told_in_words(), kLongest));
    out.push(std::move(one));
  }
  return out;
}

JsonBuilder deaths(const Deaths* all) {
  constexpr std::size_t kShown = 10;
  JsonBuilder out = JsonBuilder::array();
  if (all == nullptr) return out;
  std::size_t shown = 0;
  for (auto at = all->latest().rbegin(); at != all->latest().rend() && shown < kShown; ++at) {
    JsonBuilder one = JsonBuilder::object();
    one.number("at", at->at)
        .integer("slot", at->slot)
        .integer("pid", at->pid)
        .string("reason", at->reason)
        .string("what", at->text());
    out.push(std::move(one));
    ++shown;
  }
  return out;
}

JsonBuilder restarts(const Replacements& replacements) {
  JsonBuilder out = JsonBuilder::object();
  for (std::size_t i = 0; i < replacements.size(); ++i)
    out.integer(std::string(name(static_cast<Replaced>(i))).c_str(),
                static_cast<std::int64_t>(replacements[i]));
  return out;
}

}  // namespace

std::string status_json(const Status& status, std::optional<std::int64_t> history_since) {
  const std::uint64_t now_ns = monotonic_ns();
  const SupervisorFigures& figures = status.figures;
  const std::vector<std::string> reasons = reasons_not_ready(status);
  JsonBuilder out = JsonBuilder::object();
  out.string("version", program_version())
      .string("name", status.name)
      .string("host", status.host)
      .integer("pid", getpid())
      .number("now", status.now)
      .number("uptime_s", status.now - figures.started_at)
      .boolean("ready", reasons.empty())
      .add("reasons", texts(reasons))
      .boolean("draining", status.draining)
      .boolean("quiet", status.quiet)
      .boolean("redis_up", figures.redis_up)
      .string("chat_model", status.chat_model)
      .string("embedding_model", status.embedding_model)
      .add("queue", queue(figures))
      .add("jobs", jobs(status.board))
      .integer("workers_wanted", figures.workers_wanted)
      .add("workers", workers(status, now_ns))
      .add("restarts", restarts(figures.replacements))
      .add("deaths", deaths(status.deaths))
      .add("circuits", circuits(status.board, now_ns))
      .add("spend", spend(figures))
      .add("spenders", spenders(figures))
      .add("paused", pauses_as_json(status.pauses))
      .add("fleet", fleet_as_json(status.fleet))
      .add("dead", dead(status.letters))
      .integer("memory_bytes", figures.own_memory);
  if (history_since && status.history != nullptr)
    out.add("history", status.history->as_json(*history_since));
  return well_formed(out.print());  // some of it came from Redis as whatever bytes
}

}  // namespace ryumem
