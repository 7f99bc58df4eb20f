#include "ctl/top_frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "ctl/columns.h"
#include "ctl/print.h"
#include "ctl/status_text.h"

namespace ryumem {
namespace {

constexpr std::size_t kLongest = 600;

std::int64_t settled(const StatusView& view) {
  std::int64_t sum = 0;
  for (const char* outcome : {"completed", "delayed", "buried", "given_back"}) {
    const auto found = view.jobs.find(outcome);
    if (found != view.jobs.end()) sum += found->second;
  }
  return sum;
}

Line title(const TopFacts& facts, std::size_t columns) {
  const StatusView& view = facts.now;
  std::string left = " no supervisor answers";
  if (view.live)
    left = fmt::format(" ryumemd {} on {}, pid {}, up {}", one_line(view.version, 40),
                       one_line(view.host, 60), view.pid, duration_text(view.uptime));
  const std::string right = facts.clock + " ";
  const std::size_t room = columns > columns_of(right) ? columns - columns_of(right) : 0;
  return {Span(padded_to(left, room) + right, Tone::head)};
}

Line named(std::string_view name, std::string text, Tone tone = Tone::plain) {
  return {Span(fmt::format("{:<9}", name), Tone::quiet), Span(std::move(text), tone)};
}

std::string rates(const TopFacts& facts) {
  std::string out;
  if (facts.jobs_a_second) out += fmt::format("{:.1f} settled a second; ", *facts.jobs_a_second);
  for (const char* outcome : {"completed", "delayed", "buried", "given_back"}) {
    const auto found = facts.now.jobs.find(outcome);
    if (found != facts.now.jobs.end()) out += fmt::format("{} {}, ", found->second, outcome);
  }
  const std::string spend = spend_text(facts.now);
  if (!spend.empty()) return out + spend;
  return out.substr(0, out.size() < 2 ? 0 : out.size() - 2);
}

void add_troubles(const StatusView& view, std::vector<Line>& lines) {
  if (view.live)
    lines.push_back(view.ready ? named("ready", "yes", Tone::good)
                               : named("ready", "no", Tone::bad));
  else
    lines.push_back(named(
        "unknown", "workers, circuits, spend: " + one_line(view.no_answer, kLongest), Tone::bad));
  for (const std::string& reason : view.reasons)
    lines.push_back(named("", one_line(reason, kLongest), Tone::bad));
  for (const Pause& pause : view.pauses)
    lines.push_back(named("paused", one_line(pause.text(), kLongest), Tone::warn));
  for (const CircuitLine& circuit : view.circuits)
    lines.push_back(named("circuit", circuit_text(circuit),
                          circuit.state == "closed" ? Tone::plain : Tone::bad));
}

Tone tone_of(const WorkerLine& worker) {
  if (worker.state == "ready") return Tone::plain;
  return worker.state == "stopped" ? Tone::bad : Tone::warn;
}

// A table with a head, in at most `room` lines; the last one says how many are left out.
void add_table(const std::string& head, const std::vector<Line>& rows, std::size_t room,
               std::vector<Line>& lines) {
  if (rows.empty() || room < 3) return;
  lines.push_back({Span("")});
  lines.push_back({Span(head, Tone::head)});
  const std::size_t fit = room - 2;
  const std::size_t shown = rows.size() <= fit ? rows.size() : fit - 1;
  lines.insert(lines.end(), rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown));
  if (shown < rows.size())
    lines.push_back({Span(fmt::format("… and {} more", rows.size() - shown), Tone::quiet)});
}

std::vector<Line> worker_rows(const StatusView& view) {
  std::vector<Line> rows;
  for (const WorkerLine& worker : view.workers)
    rows.push_back({Span(worker_text(worker), tone_of(worker))});
  return rows;
}

std::vector<Line> work_rows(const StatusView& view) {
  std::vector<Line> rows;
  for (const WorkLine& work : view.work)
    rows.push_back({Span(fmt::format("{:<38}  {:>10}  {:<22} {:>10}", one_line(work.id, 60),
                                     duration_text(work.age), one_line(work.step, 40),
                                     duration_text(work.step_age)))});
  return rows;
}

std::vector<Line> dead_rows(const StatusView& view) {
  std::vector<Line> rows;
  for (const DeadLine& dead : view.dead)
    rows.push_back({Span(fmt::format("{:<38}  {:<20}  {:<12}  {}", one_line(dead.id, 60),
                                     as_time(std::to_string(dead.at * 1000)),
                                     one_line(dead.kind, 40), one_line(dead.cause, 300)))});
  return rows;
}

}  // namespace

std::optional<double> rate_between(const StatusView& before, const StatusView& now,
                                   double seconds) {
  const bool same = before.live && now.live && before.pid == now.pid && before.host == now.host;
  if (!same || seconds <= 0 || settled(now) < settled(before)) return std::nullopt;
  return static_cast<double>(settled(now) - settled(before)) / seconds;
}

std::vector<Line> top_frame(const TopFacts& facts, ScreenSize size) {
  const StatusView& view = facts.now;
  std::vector<Line> lines = {title(facts, size.columns)};
  lines.push_back(named("queue", queue_text(view)));
  if (view.live) lines.push_back(named("jobs", rates(facts)));
  add_troubles(view, lines);
  // The last line is kept for the keys. The workers come first, then the two others share.
  const auto room = [&] { return size.rows > lines.size() + 1 ? size.rows - lines.size() - 1 : 0; };
  const std::vector<Line> work = work_rows(view);
  const std::vector<Line> dead = dead_rows(view);
  const std::size_t others = (work.empty() ? 0 : 5) + (dead.empty() ? 0 : 5);
  add_table(worker_head(), worker_rows(view),
            std::max<std::size_t>(room() > others ? room() - others : 0,
                                  std::min<std::size_t>(room(), 5)),
            lines);
  const std::size_t for_dead =
      dead.empty() ? 0 : std::min<std::size_t>(dead.size() + 2, room() / 2);
  add_table(fmt::format("{:<38}  {:>10}  {:<22} {:>10}", "IN HAND", "AGE", "STEP", "FOR"), work,
            room() - for_dead, lines);
  add_table(fmt::format("{:<38}  {:<20}  {:<12}  {}", "DEAD", "AT", "KIND", "CAUSE"), dead, room(),
            lines);
  if (lines.size() + 1 > size.rows) lines.resize(size.rows > 0 ? size.rows - 1 : 0);
  while (lines.size() + 1 < size.rows) lines.push_back({Span("")});
  lines.push_back({Span(fmt::format("q quits, r looks now; every {:g} s, from {}", facts.every,
                                    one_line(view.source, 120)),
                        Tone::quiet)});
  return lines;
}

}  // namespace ryumem
