#include "ctl/status_text.h"

#include <fmt/format.h>

#include "common/base/json_build.h"
#include "ctl/print.h"

namespace ryumem {
namespace {

constexpr std::size_t kReasonLength = 400;

std::int64_t count_of(const StatusView& view, const char* name) {
  const auto found = view.queue.find(name);
  return found == view.queue.end() ? 0 : found->second;
}

std::string optional_duration(const std::optional<double>& seconds) {
  return seconds ? duration_text(*seconds) : "";
}

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("{:<12}{}\n", name, value);
}

std::string live_part(const StatusView& view) {
  std::string out =
      row("ryumemd", fmt::format("{} on {}, pid {}, up {}", one_line(view.version, 60),
                                 one_line(view.host, 120), view.pid, duration_text(view.uptime)));
  out += row("ready", view.ready ? "yes" : "no");
  for (const std::string& reason : view.reasons) out += row("", one_line(reason, kReasonLength));
  for (const CircuitLine& circuit : view.circuits) out += row("circuit", circuit_text(circuit));
  const std::string spend = spend_text(view);
  if (!spend.empty()) out += row("spend", spend);
  out += "\n" + worker_head() + "\n";
  for (const WorkerLine& worker : view.workers) out += worker_text(worker) + "\n";
  return out;
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min", whole / 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
}

std::string bytes_text(std::int64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < 1'000'000) return fmt::format("{:.0f} kB", number / 1e3);
  if (bytes < 1'000'000'000) return fmt::format("{:.0f} MB", number / 1e6);
  return fmt::format("{:.1f} GB", number / 1e9);
}

std::string queue_text(const StatusView& view) {
  std::string out = fmt::format("{} pending", count_of(view, "pending"));
  if (view.oldest_pending && count_of(view, "pending") > 0)
    out += fmt::format(" (the oldest for {})", duration_text(*view.oldest_pending));
  for (const char* state : {"processing", "delayed", "parked", "dead"})
    if (view.queue.count(state) != 0) out += fmt::format(", {} {}", count_of(view, state), state);
  return out + fmt::format(" ({} to be told)", count_of(view, "untold"));
}

std::string circuit_text(const CircuitLine& circuit) {
  std::string out =
      fmt::format("{}: {}", one_line(circuit.dependency, 60), one_line(circuit.state, 60));
  if (!circuit.reason.empty()) out += " (" + one_line(circuit.reason, kReasonLength) + ")";
  if (circuit.next_probe) out += ", next try in " + duration_text(*circuit.next_probe);
  return out;
}

std::string spend_text(const StatusView& view) {
  std::string out;
  for (const auto& [name, value] : view.spend)
    out += fmt::format("{}{} {:.15g}", out.empty() ? "" : ", ", one_line(name, 60), value);
  return out;
}

std::string worker_head() {
  return fmt::format("{:>4}  {:>7}  {:<9} {:>10}  {:>6}  {:>7}  {:>8}  {:>8}  {:>6}  {}", "SLOT",
                     "PID", "STATE", "AGE", "BEAT", "IN HAND", "DONE", "MEMORY", "STARTS", "DOING");
}

std::string worker_text(const WorkerLine& worker) {
  return fmt::format("{:>4}  {:>7}  {:<9} {:>10}  {:>6}  {:>7}  {:>8}  {:>8}  {:>6}  {}",
                     worker.slot, worker.pid ? std::to_string(*worker.pid) : "-",
                     one_line(worker.state, 40), optional_duration(worker.age),
                     optional_duration(worker.heartbeat), worker.in_hand, worker.done,
                     worker.memory ? bytes_text(*worker.memory) : "", worker.starts,
                     one_line(worker.doing, 200));
}

std::string member_head() {
  return fmt::format("{:<24}  {:>7}  {:<10} {:>10}  {:>7}  {:>7}  {:>8}  {}", "SUPERVISOR ON",
                     "PID", "VERSION", "UP", "WORKERS", "IN HAND", "DONE", "READY");
}

std::string member_text(const Member& member, bool told) {
  std::string ready = member.ready ? "yes" : "no: " + one_line(member.reason, kReasonLength);
  if (member.silent()) ready = "silent for " + duration_text(member.heard);
  return fmt::format("{:<24}  {:>7}  {:<10} {:>10}  {:>7}  {:>7}  {:>8}  {}",
                     one_line(member.host, 60) + (told ? " *" : ""), member.pid,
                     one_line(member.version, 40), duration_text(member.uptime),
                     fmt::format("{}/{}", member.workers_ready, member.workers_wanted),
                     member.in_hand, member.completed, ready);
}

std::string status_as_text(const StatusView& view) {
  std::string pending = std::to_string(count_of(view, "pending"));
  if (view.oldest_pending && count_of(view, "pending") > 0)
    pending += fmt::format(" (the oldest for {})", duration_text(*view.oldest_pending));
  std::string out = row("pending", pending);
  for (const char* state : {"processing", "delayed", "parked"})
    if (view.queue.count(state) != 0) out += row(state, std::to_string(count_of(view, state)));
  out += row("dead",
             fmt::format("{} ({} to be told)", count_of(view, "dead"), count_of(view, "untold")));
  for (const Pause& pause : view.pauses) out += row("paused", one_line(pause.text(), 1000));
  if (view.live) out += live_part(view);
  // One alone has just said all that there is to say of it.
  const bool alone = view.live && view.fleet.size() <= 1;
  if (alone || view.fleet.empty()) return out;
  out += "\n" + member_head() + "\n";
  for (const Member& member : view.fleet)
    out += member_text(member, view.live && member.name == view.name) + "\n";
  if (view.live) out += "* this one told what stands above\n";
  return out;
}

std::string status_as_json(const StatusView& view) {
  JsonBuilder queue = JsonBuilder::object();
  for (const auto& [name, count] : view.queue) queue.integer(name.c_str(), count);
  if (view.oldest_pending) queue.number("oldest_pending_s", *view.oldest_pending);
  JsonBuilder unknown = JsonBuilder::array();
  if (!view.live)
    for (const char* what : {"ready", "workers", "circuits", "spend", "oldest_pending_s"})
      unknown.push_string(what);
  JsonBuilder out = JsonBuilder::object();
  out.string("source", view.live ? "supervisor" : "redis")
      .string("from", well_formed(view.source))
      .string("no_answer", well_formed(view.no_answer))
      .add("unknown", std::move(unknown))
      .add("queue", std::move(queue))
      .add("paused", pauses_as_json(view.pauses))
      .add("fleet", fleet_as_json(view.fleet));
  if (view.live)
    out.add("supervisor", JsonBuilder::raw(view.json));
  else
    out.null("supervisor");
  return out.print() + "\n";
}

}  // namespace ryumem
