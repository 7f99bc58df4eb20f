// Lines that say the same again and again: the first few are written, the rest are counted and told
// in one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/log_line.h"

namespace ryumem {

class LogRepeats {
 public:
  /// So many of the same within `window` are written.
  static constexpr int kFew = 5;
  static constexpr Seconds kWindow{10};

  /// Whether the line is to be written. Lines are the same if they differ in nothing but the time.
  bool admit(const LogLine& line, Monotonic::time_point now);

  /// For each sort of line whose window is over: one of them, which says how many were left out.
  std::vector<LogLine> due(Monotonic::time_point now);
  /// The same for all, at the end of the process.
  std::vector<LogLine> all();

 private:
  struct Sort {
    Monotonic::time_point first;
    LogLine last;
    int seen = 0;
    Sort() = default;
  };
  std::map<std::string, Sort> sorts_;
};

}  // namespace ryumem
