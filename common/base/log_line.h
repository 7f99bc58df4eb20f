// One line of a log, and the two ways to write it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// A figure or word that a line tells besides its text: "seconds=1.250".
struct LogFigure {
  std::string name;
  std::string value;
  bool is_number = true;

  LogFigure(std::string its_name, std::string its_value, bool number)
      : name(std::move(its_name)), value(std::move(its_value)), is_number(number) {}
};

/// What a line is about.
struct LogSubject {
  std::string job;
  std::string step;
  std::vector<LogFigure> figures;

  LogSubject() = default;
  explicit LogSubject(std::string the_job, std::string_view the_step = {})
      : job(std::move(the_job)), step(the_step) {}
  LogSubject& number(std::string name, std::string value) {
    figures.emplace_back(std::move(name), std::move(value), true);
    return *this;
  }
  LogSubject& word(std::string name, std::string value) {
    figures.emplace_back(std::move(name), std::move(value), false);
    return *this;
  }
};

struct LogLine {
  std::chrono::system_clock::time_point time;
  std::string_view level;  // "info"
  std::string program;
  int pid = 0;
  int slot = -1;  // of a worker
  LogSubject subject;
  std::string text;
  int repeated = 0;  // the line stands for so many more that are left out

  LogLine() = default;
};

/// "2026-11-25T13:00:00.123+00:00 info ryumem-worker.2[812] job j1 (embed_facts): TEXT name=value".
/// No secrets, and a single line whatever is in it; ends with the line feed. Without the time where
/// what keeps the line has it already.
std::string as_text(const LogLine& line, bool with_time = true);

/// The same as one JSON object: time (UTC), level, program, pid, slot, job, step, text, figures
/// by their names, and repeated. Members that say nothing are left out.
std::string as_json(const LogLine& line);

}  // namespace ryumem
