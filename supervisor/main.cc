// ryumemd: the supervisor. Its options are in common/ops/option_table.cc.
#include <fmt/format.h>
#include <linux/close_range.h>
#include <spdlog/spdlog.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "common/async/loop.h"
#include "common/base/clock.h"
#include "common/base/cores.h"
#include "common/base/journal_stream.h"
#include "common/base/last_words.h"
#include "common/base/log.h"
#include "common/base/secrets.h"
#include "common/base/text.h"
#include "common/ops/known_models.h"
#include "common/ops/log_settings.h"
#include "common/ops/metrics.h"
#include "common/ops/options.h"
#include "common/ops/sample_config.h"
#include "supervisor/about.h"
#include "supervisor/doctor.h"
#include "supervisor/notify_socket.h"
#include "supervisor/supervisor.h"

namespace ryumem {
namespace {

// What we were started with beyond the standard streams is not for the workers; and a client that
// goes away in the middle of an answer is no reason to die.
void prepare_process(const Settings& settings) {
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  leave_last_words("ryumemd");
  if (!allow_cores(settings.core_dumps))
    spdlog::warn(
        "--core-dumps: the system lets no process leave a core; set LimitCORE=infinity in "
        "the unit, or ulimit -Hc unlimited");
  std::signal(SIGPIPE, SIG_IGN);
}

// All mistakes, a line each: "ryumemd.conf:12: workers: …". With a place in front they can be
// followed by an editor, so nothing is put before them.
int check_configuration(const std::vector<std::string>& arguments, const Environment& environment) {
  try {
    const Configuration read = read_configuration(arguments, environment);
    for (const std::string& warning : read.warnings)
      fmt::print(stderr, "{}{}\n", journal_prefix(LOG_WARNING), warning);
    fmt::print("the configuration is good\n");
    return 0;
  } catch (const Failure& failure) {
    for (const std::string& mistake : split(failure.what(), '\n'))
      fmt::print(stderr, "{}{}\n", journal_prefix(LOG_ERR), mistake);
    return failure.kind() == Kind::usage ? 64 : 78;
  }
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

int run(std::vector<std::string> arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help") return print(help_of_ryumemd());
    if (argument == "--version") return print(version_of_ryumemd());
    if (argument == "--doctor") become_doctor(arguments);
    if (argument == "--print-sample-config") return print(sample_config());
    if (argument == "--print-metrics") return print(metrics_page());
  }
  const Environment environment = take_environment();
  const auto check = std::find(arguments.begin(), arguments.end(), "--check-config");
  if (check != arguments.end()) {
    arguments.erase(check);
    return check_configuration(arguments, environment);
  }
  const Configuration configuration = read_configuration(arguments, environment);
  const Settings& settings = configuration.settings;
  configure_logging(log_settings(settings, "ryumemd"));
  for (const std::string& warning : configuration.warnings) spdlog::warn("{}", warning);
  if (!settings.enabled) {
    spdlog::info("RYUMEM_WORKER_ENABLED is false: the server extracts by itself; nothing to do");
    // A service that ends before it said this has failed, and is started again.
    NotifySocket(environment).say("READY=1\nSTATUS=switched off: the server extracts by itself\n");
    return 0;
  }
  for (const std::string& line : model_warnings(settings, utc_timestamp().substr(0, 10)))
    spdlog::warn("{}", line);
  prepare_process(settings);
  Loop loop;
  const ReadAgain read_again = [arguments, environment] {
    return read_configuration(arguments, environment);
  };
  loop.run(supervise(settings, read_again));
  tell_repeats(true);
  return 0;
}

}  // namespace
}  // namespace ryumem

int main(int argc, char** argv) {
  try {
    return ryumem::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (...) {
    const ryumem::Failure failure = ryumem::current_failure();
    for (const std::string& line : ryumem::split(ryumem::without_secrets(failure.what()), '\n'))
      fmt::print(stderr, "{}ryumemd: {}\n", ryumem::journal_prefix(LOG_ERR), line);
    return ryumem::exit_code(failure);
  }
}
