#include "common/base/log_line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "common/base/printable.h"
#include "common/base/secrets.h"

namespace ryumem {
namespace {

// Ids come from Redis, where anybody may have written anything.
constexpr std::size_t kLongestId = 120;

std::string clean(std::string_view text) { return printable(without_secrets(text)); }

int millis_of(std::chrono::system_clock::time_point time) {
  const auto since = time.time_since_epoch();
  const auto second = std::chrono::floor<std::chrono::seconds>(since);
  return static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since - second).count());
}

std::string id_of(const LogSubject& subject) {
  return subject.job.size() <= kLongestId ? subject.job : subject.job.substr(0, kLongestId) + "…";
}

// "+01:00"
std::string zone_of(const std::tm& local) {
  const long minutes = std::abs(local.tm_gmtoff) / 60;
  return fmt::format("{}{:02}:{:02}", local.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace

std::string as_text(const LogLine& line, bool with_time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(line.time);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::string out;
  if (with_time)
    out = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}{} ", local, millis_of(line.time), zone_of(local));
  out += fmt::format("{} {}", line.level, line.program);
  if (line.slot >= 0) out += fmt::format(".{}", line.slot);
  out += fmt::format("[{}] ", line.pid);
  if (!line.subject.job.empty()) {
    out += "job " + clean(id_of(line.subject));
    if (!line.subject.step.empty()) out += fmt::format(" ({})", line.subject.step);
    out += ": ";
  }
  out += clean(line.text);
  for (const LogFigure& figure : line.subject.figures)
    out += fmt::format(" {}={}", figure.name, clean(figure.value));
  if (line.repeated > 0) out += fmt::format(" (repeated {} times more)", line.repeated);
  return out + "\n";
}

std::string as_json(const LogLine& line) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(line.time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::string out = fmt::format(R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}")", utc,
                                millis_of(line.time), line.level);
  const auto add = [&out](std::string_view name, std::string_view json) {
    out += fmt::format(",\"{}\":{}", name, json);
  };
  add("program", json_quoted(line.program));
  add("pid", std::to_string(line.pid));
  if (line.slot >= 0) add("slot", std::to_string(line.slot));
  if (!line.subject.job.empty()) add("job", json_quoted(without_secrets(id_of(line.subject))));
  if (!line.subject.step.empty()) add("step", json_quoted(line.subject.step));
  add("text", json_quoted(without_secrets(line.text)));
  for (const LogFigure& figure : line.subject.figures)
    add(figure.name, figure.is_number ? figure.value : json_quoted(without_secrets(figure.value)));
  if (line.repeated > 0) add("repeated", std::to_string(line.repeated));
  return out + "}\n";
}

}  // namespace ryumem
