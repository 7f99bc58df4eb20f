#include "common/base/log.h"

#include <fcntl.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <syslog.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "common/base/failure.h"
#include "common/base/journal_stream.h"
#include "common/base/log_repeats.h"

namespace ryumem {
namespace {

// What the line that is just being written is about; spdlog carries text alone.
const LogSubject* subject = nullptr;

int open_log(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
  return open(path.c_str(), kFlags, 0640);
}

int severity_of(std::string_view level) {
  if (level == "critical") return LOG_CRIT;
  if (level == "error") return LOG_ERR;
  if (level == "warning") return LOG_WARNING;
  return level == "info" ? LOG_INFO : LOG_DEBUG;
}

// False if not all of it could be written.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// Lines out of spdlog's messages. Each is one write, so that the lines of several processes in one
// file are never mixed.
class Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  // Throws Failure.
  explicit Sink(const LogSettings& settings) : settings_(settings) {
    if (settings_.file.empty()) {
      journal_ = stderr_is_the_journal();
      return;
    }
    fd_ = open_log(settings_.file);
    if (fd_ < 0)
      throw Failure(errno == EACCES || errno == EPERM ? Kind::permission : Kind::configuration,
                    "the log file " + settings_.file + " cannot be opened: " + strerror(errno));
  }
  ~Sink() override {
    if (fd_ != STDERR_FILENO) close(fd_);
  }

  void reopen() noexcept {
    if (settings_.file.empty()) return;
    const int next = open_log(settings_.file);
    if (next < 0) {
      spdlog::error("the log file {} cannot be opened anew, the old one goes on: {}",
                    settings_.file, strerror(errno));
      return;
    }
    close(std::exchange(fd_, next));
    spdlog::info("the log file is opened anew");
  }

  void tell_repeats(bool at_end) {
    for (const LogLine& line : at_end ? repeats_.all() : repeats_.due(Monotonic::now()))
      write_line(line);
  }

  const LogSettings& settings() const { return settings_; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    LogLine line;
    line.time = message.time;
    const spdlog::string_view_t level = spdlog::level::to_string_view(message.level);
    line.level = std::string_view(level.data(), level.size());
    line.program = settings_.program;
    line.pid = getpid();
    line.slot = settings_.slot;
    if (subject != nullptr) line.subject = *subject;
    line.text.assign(message.payload.data(), message.payload.size());
    tell_repeats(false);
    // Who looks for something closely wants all of it.
    if (message.level < spdlog::level::info || repeats_.admit(line, Monotonic::now()))
      write_line(line);
  }
  void flush_() override {}

  void write_line(const LogLine& line) {
    std::string text = settings_.json ? as_json(line) : as_text(line, !journal_);
    if (journal_) text.insert(0, journal_prefix(severity_of(line.level)));
    // A full disk must not silence it where anybody else listens.
    if (!write_all(fd_, text) && fd_ != STDERR_FILENO)
      write_all(STDERR_FILENO, journal_prefix(severity_of(line.level)) + text);
  }

  LogSettings settings_;
  int fd_ = STDERR_FILENO;
  bool journal_ = false;  // lines go to systemd's journal, which has times and severities
  LogRepeats repeats_;
};

std::shared_ptr<Sink> current;

}  // namespace

void configure_logging(const LogSettings& settings) {
  const spdlog::level::level_enum parsed = spdlog::level::from_str(settings.level);
  if (parsed == spdlog::level::off && settings.level != "off")
    throw Failure(Kind::configuration,
                  "log level \"" + settings.level +
                      "\" is unknown; use trace, debug, info, warning, error, critical or off");
  const auto sink = std::make_shared<Sink>(settings);
  tell_repeats(true);
  current = sink;
  // Synchronous on purpose: an asynchronous logger's thread does not survive a fork.
  auto logger = std::make_shared<spdlog::logger>("ryumem", sink);
  logger->set_level(parsed);
  spdlog::set_default_logger(logger);
}

void reopen_log() noexcept {
  if (current != nullptr) current->reopen();
}

void tell_repeats(bool at_end) noexcept {
  try {
    if (current != nullptr) current->tell_repeats(at_end);
  } catch (...) {
    // Out of memory; there will be a next second.
  }
}

bool content_is_logged() { return current != nullptr && current->settings().content; }

void write_job_line(spdlog::level::level_enum level, const LogSubject& about,
                    std::string_view text) {
  subject = &about;
  spdlog::log(level, "{}", text);
  subject = nullptr;
}

}  // namespace ryumem
