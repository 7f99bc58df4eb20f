#include "ctl/status_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/json.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// So much of the work in hand and of the dead is kept: a screen shows less.
constexpr std::size_t kMostLines = 200;

std::string text_in(JsonValue value) { return std::string(value.string().value_or("")); }

double number_in(JsonValue value) {
  if (const auto whole = value.integer()) return static_cast<double>(*whole);
  return value.number().value_or(0);
}

std::optional<double> optional_number(JsonValue value) {
  if (value.integer() || value.number()) return number_in(value);
  return std::nullopt;
}

std::string steps_in_words(JsonValue steps) {
  std::string out;
  for (const auto& [step, count] : steps.fields())
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count.integer().value_or(0), step);
  return out;
}

WorkerLine read_worker(JsonValue value) {
  WorkerLine worker;
  worker.slot = value["slot"].integer().value_or(0);
  worker.pid = value["pid"].integer();
  worker.state = text_in(value["state"]);
  worker.age = optional_number(value["age_s"]);
  worker.heartbeat = optional_number(value["heartbeat_age_s"]);
  worker.memory = value["memory_bytes"].integer();
  worker.starts = value["starts"].integer().value_or(0);
  worker.done = value["jobs_done"].integer().value_or(0);
  worker.in_hand = value["jobs_in_hand"].integer().value_or(0);
  worker.doing = steps_in_words(value["steps"]);
  return worker;
}

WorkLine read_work(JsonValue value) {
  WorkLine work;
  work.id = text_in(value["id"]);
  work.step = text_in(value["step"]);
  work.age = number_in(value["age_s"]);
  work.step_age = number_in(value["step_age_s"]);
  return work;
}

CircuitLine read_circuit(JsonValue value) {
  CircuitLine circuit;
  circuit.dependency = text_in(value["dependency"]);
  circuit.state = text_in(value["state"]);
  circuit.reason = text_in(value["reason"]);
  circuit.next_probe = optional_number(value["next_probe_s"]);
  return circuit;
}

DeadLine read_dead(JsonValue value) {
  DeadLine dead;
  dead.id = text_in(value["id"]);
  dead.kind = text_in(value["kind"]);
  dead.cause = text_in(value["cause"]);
  dead.at = number_in(value["at"]);
  return dead;
}

Pause read_pause(JsonValue value) {
  Pause pause;
  pause.what = text_in(value["what"]);
  pause.by = text_in(value["by"]);
  pause.why = text_in(value["why"]);
  pause.at = value["at"].integer().value_or(0);
  return pause;
}

void read_counts(JsonValue object, std::map<std::string, std::int64_t>& into) {
  for (const auto& [name, value] : object.fields())
    if (const auto count = value.integer()) into[std::string(name)] = *count;
}

}  // namespace

std::string supervisor_url(const Settings& settings) {
  ListenAddress at = parse_listen(settings.listen);
  if (at.host == "0.0.0.0") at.host = "127.0.0.1";
  if (at.host == "::") at.host = "::1";
  const bool v6 = at.host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", at.host, v6 ? "]" : "", at.port);
}

StatusView read_status(const std::string& json) {
  const JsonDocument document = JsonDocument::parse(json);
  const JsonValue root = document.root();
  if (root.type() != JsonValue::Type::object || !root.has("workers"))
    throw Failure(Kind::bad_answer, "that is no status of ryumemd");
  StatusView view;
  view.live = true;
  view.json = json;
  view.version = text_in(root["version"]);
  view.host = text_in(root["host"]);
  view.pid = root["pid"].integer().value_or(0);
  view.uptime = number_in(root["uptime_s"]);
  view.ready = root["ready"].boolean().value_or(false);
  for (const JsonValue reason : root["reasons"].items()) view.reasons.push_back(text_in(reason));
  read_counts(root["queue"], view.queue);
  view.oldest_pending = optional_number(root["queue"]["oldest_pending_s"]);
  view.queue.erase("oldest_pending_s");
  read_counts(root["jobs"], view.jobs);
  for (const auto& [name, value] : root["spend"].fields())
    if (const auto number = optional_number(value)) view.spend[std::string(name)] = *number;
  for (const JsonValue worker : root["workers"].items()) {
    view.workers.push_back(read_worker(worker));
    for (const JsonValue job : worker["jobs"].items())
      if (view.work.size() < kMostLines) view.work.push_back(read_work(job));
  }
  std::sort(view.work.begin(), view.work.end(),
            [](const WorkLine& a, const WorkLine& b) { return a.age > b.age; });
  for (const JsonValue circuit : root["circuits"].items())
    view.circuits.push_back(read_circuit(circuit));
  for (const JsonValue dead : root["dead"].items())
    if (view.dead.size() < kMostLines) view.dead.push_back(read_dead(dead));
  for (const JsonValue pause : root["paused"].items()) view.pauses.push_back(read_pause(pause));
  for (const JsonValue member : root["fleet"].items())
    if (view.fleet.size() < kMostLines) view.fleet.push_back(read_member(member));
  view.name = text_in(root["name"]);
  return view;
}

Task<std::optional<StatusView>> ask_supervisor(HttpClient& http, std::string url,
                                               std::string& trouble, Cancel& cancel) {
  constexpr Millis kPatience{3000};
  std::optional<StatusView> view;
  try {
    while (!url.empty() && url.back() == '/') url.pop_back();
    HttpRequest request("GET", url + "/status.json?history=0");
    request.timeout = kPatience;
    request.connect_timeout = kPatience;
    const HttpReply reply = co_await http.send(std::move(request), cancel);
    if (reply.status != 200)
      throw Failure(Kind::bad_answer, fmt::format("{} answers with status {}", url, reply.status));
    view = read_status(reply.body);
    view->source = url;
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    trouble = failure.what();
  }
  co_return view;
}

Task<StatusView> ask_redis(Queue& queue, Cancel& cancel) {
  StatusView view;
  const Depths depths = co_await queue.depths(cancel);
  view.queue["pending"] = depths.pending;
  view.queue["processing"] = depths.processing;
  view.queue["delayed"] = depths.delayed;
  view.queue["parked"] = depths.parked;
  view.queue["dead"] = depths.dead;
  view.queue["untold"] = depths.untold;
  view.oldest_pending = depths.oldest_pending;
  Pauses pauses(queue);
  view.pauses = co_await pauses.list(cancel);
  try {
    Fleet fleet(queue);
    view.fleet = co_await fleet.list(cancel);
  } catch (const Failure& failure) {
    if (failure.kind() != Kind::outage) throw;
    // The key is of another type; the rest can still be told.
  }
  co_return view;
}

}  // namespace ryumem
