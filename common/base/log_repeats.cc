#include "common/base/log_repeats.h"

#include <utility>

namespace ryumem {
namespace {

// More sorts than this are not held against each other: they are no repeats.
constexpr std::size_t kMostSorts = 512;

std::string key_of(const LogLine& line) {
  return std::string(line.level) + '\0' + line.subject.job + '\0' + line.subject.step + '\0' +
         line.text;
}

}  // namespace

bool LogRepeats::admit(const LogLine& line, Monotonic::time_point now) {
  // What has a job's figures is that job's one line.
  if (!line.subject.figures.empty()) return true;
  std::string key = key_of(line);
  auto found = sorts_.find(key);
  if (found == sorts_.end()) {
    if (sorts_.size() >= kMostSorts) return true;
    found = sorts_.emplace(std::move(key), Sort()).first;
    found->second.first = now;
  }
  Sort& sort = found->second;
  if (++sort.seen <= kFew) return true;
  sort.last = line;
  return false;
}

std::vector<LogLine> LogRepeats::due(Monotonic::time_point now) {
  std::vector<LogLine> lines;
  for (auto at = sorts_.begin(); at != sorts_.end();) {
    Sort& sort = at->second;
    if (now - sort.first < kWindow) {
      ++at;
      continue;
    }
    if (sort.seen > kFew) {
      sort.last.repeated = sort.seen - kFew;
      lines.push_back(std::move(sort.last));
    }
    at = sorts_.erase(at);
  }
  return lines;
}

std::vector<LogLine> LogRepeats::all() { return due(Monotonic::time_point::max()); }

}  // namespace ryumem
