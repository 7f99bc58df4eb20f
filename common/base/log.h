// Where log lines go and how they look. Lines about no job are written with spdlog's own functions,
// lines about one with log_job(). No line ever holds a key, and what is in episodes and answers
// only if that is asked for.
#pragma once

#include <spdlog/spdlog.h>

#include <string>

#include "common/base/log_line.h"

namespace ryumem {

struct LogSettings {
  std::string level;    // trace, debug, info, warning, error, critical or off
  std::string program;  // who writes: "ryumemd"
  int slot = -1;        // which worker
  std::string file;     // empty: stderr; the journal gets severities and no times
  bool json = false;
  bool content = false;  // prompts and answers, at debug

  LogSettings(std::string the_level, std::string the_program)
      : level(std::move(the_level)), program(std::move(the_program)) {}
};

/// From now on the log lines of this process go there and look so. Throws
/// Failure(Kind::configuration) for an unknown level and for a file that cannot be opened
/// (Kind::permission if we may not), and then all stays as it was.
void configure_logging(const LogSettings& settings);

/// Opens the file anew, by its name: for when it was moved away. If that fails the old one goes on.
void reopen_log() noexcept;

/// Tells how often lines were repeated, when it is time to: to be called once a second. `at_end`:
/// of all, as the process ends.
void tell_repeats(bool at_end = false) noexcept;

/// May prompts and answers be written?
bool content_is_logged();

/// A line about a job.
void write_job_line(spdlog::level::level_enum level, const LogSubject& subject,
                    std::string_view text);
template <class... Args>
void log_job(spdlog::level::level_enum level, const LogSubject& subject,
             fmt::format_string<Args...> format, Args&&... arguments) {
  if (spdlog::should_log(level))
    write_job_line(level, subject, fmt::format(format, std::forward<Args>(arguments)...));
}

}  // namespace ryumem
