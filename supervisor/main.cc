// ryumemd: the supervisor. Its options are in common/ops/option_table.cc.
#include <fmt/format.h>
#include <linux/close_range.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "common/async/loop.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ops/known_models.h"
#include "common/ops/options.h"
#include "supervisor/about.h"
#include "supervisor/doctor.h"
#include "supervisor/supervisor.h"

namespace ryumem {
namespace {

// What we were started with beyond the standard streams is not for the workers; and a client that
// goes away in the middle of an answer is no reason to die.
void prepare_process() {
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  std::signal(SIGPIPE, SIG_IGN);
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help") return print(help_of_ryumemd());
    if (argument == "--version") return print(version_of_ryumemd());
    if (argument == "--doctor") become_doctor(arguments);
  }
  const Settings settings = read_settings(arguments, process_environment());
  configure_logging(settings.log_level, fmt::format("ryumemd[{}]", getpid()));
  if (!settings.enabled) {
    spdlog::info("RYUMEM_WORKER_ENABLED is false: the server extracts by itself; nothing to do");
    return 0;
  }
  for (const std::string& line : model_warnings(settings, utc_timestamp().substr(0, 10)))
    spdlog::warn("{}", line);
  prepare_process();
  Loop loop;
  const ReadAgain read_again = [arguments] {
    return read_settings(arguments, process_environment());
  };
  loop.run(supervise(settings, read_again));
  return 0;
}

}  // namespace
}  // namespace ryumem

int main(int argc, char** argv) {
  try {
    return ryumem::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (...) {
    const ryumem::Failure failure = ryumem::current_failure();
    fmt::print(stderr, "ryumemd: {}\n", failure.what());
    return ryumem::exit_code(failure);
  }
}
