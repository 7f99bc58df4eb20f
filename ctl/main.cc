// ryumemctl: the operator's tool. Each verb has its own file.
#include <fmt/format.h>

#include <cstdio>

#include "common/async/loop.h"
#include "common/base/log.h"
#include "common/base/secrets.h"
#include "common/base/text.h"
#include "common/ops/log_settings.h"
#include "common/ops/redis_of.h"
#include "common/ops/version.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr Millis kRedisLimit{5000};
// How long to try to reach Redis before saying that it cannot be reached.
constexpr Millis kPatience{10'000};

// In the order of --help.
const std::vector<VerbEntry>& verbs() {
  static const std::vector<VerbEntry> all = {
      status_verb(), top_verb(),     jobs_verb(), dead_verb(),  pause_verb(),
      resume_verb(), enqueue_verb(), try_verb(),  audit_verb(), doctor_verb()};
  return all;
}

const VerbEntry& entry_of(const std::string& name) {
  for (const VerbEntry& entry : verbs())
    if (entry.name == name) return entry;
  misused("there is no verb \"" + excerpt(name, 60) + "\"");
}

std::string help() {
  std::string text = "ryumemctl: look at, feed and mend the queue of a Ryumem server\n\nUsage:\n";
  for (const VerbEntry& entry : verbs()) text += entry.help;
  return text +
         "  ryumemctl [VERB] --help | --version\n\n"
         "REDIS_URL says where Redis is [redis://localhost:6379],\n"
         "RYUMEM_WORKER_QUEUE_PREFIX what its keys begin with [ryumem:].\n";
}

Task<> serve(Verb& verb, const Settings& settings, int& exit_code) {
  Redis redis(redis_of(settings), kRedisLimit);
  Queue queue(redis, Keys(settings.queue_prefix), "ryumemctl", settings.lease);
  Cancel cancel;
  std::optional<Deadline> patience;
  patience.emplace(cancel, kPatience,
                   Failure(Kind::transient, "Redis cannot be reached; check REDIS_URL"));
  Session session(settings, redis, queue, cancel, patience);
  std::optional<Failure> failure;
  try {
    exit_code = co_await verb.run(session);
  } catch (...) {
    failure = current_failure();
  }
  patience.reset();
  co_await redis.close();
  if (failure) throw *failure;
}

int run(std::vector<std::string> words) {
  if (words.empty()) misused("what is to be done?");
  if (words[0] == "--help") {
    fmt::print("{}", help());
    return 0;
  }
  if (words[0] == "--version") {
    fmt::print("ryumemctl {}\n", program_version());
    return 0;
  }
  const VerbEntry& entry = entry_of(words[0]);
  words.erase(words.begin());
  if (words == std::vector<std::string>{"--help"}) {
    fmt::print("Usage:\n{}", entry.help);
    return 0;
  }
  const Environment environment = process_environment();
  const std::unique_ptr<Verb> verb = entry.read(Arguments(std::move(words)), environment);
  const Configuration configuration = read_partial_configuration({}, environment);
  for (const std::string& warning : configuration.warnings)
    fmt::print(stderr, "ryumemctl: {}\n", warning);
  const Settings& settings = configuration.settings;
  LogSettings log = log_settings(settings, "ryumemctl");
  log.level = "warning";
  log.file.clear();  // that is the daemon's
  log.json = false;
  configure_logging(log);
  int exit_code = 0;
  Loop loop;
  loop.run(serve(*verb, settings, exit_code));
  return exit_code;
}

}  // namespace
}  // namespace ryumem

int main(int argc, char** argv) {
  try {
    return ryumem::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (...) {
    const ryumem::Failure failure = ryumem::current_failure();
    fmt::print(stderr, "ryumemctl: {}\n", ryumem::without_secrets(failure.what()));
    return ryumem::exit_code(failure);
  }
}
