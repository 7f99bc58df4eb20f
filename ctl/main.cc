// ryumemctl: the operator's tool.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "common/async/loop.h"
#include "common/async/timer.h"
#include "common/base/log.h"
#include "common/ops/options.h"
#include "common/ops/version.h"
#include "ctl/enqueue.h"

namespace ryumem {
namespace {

constexpr Millis kRedisLimit{5000};
// How long to try to reach Redis before saying that it cannot be reached.
constexpr Millis kPatience{10'000};

constexpr std::string_view kHelp = R"(ryumemctl: look at and feed the queue of a Ryumem server

Usage:
  ryumemctl enqueue [--user-id ID] [--customer-id ID] [--context N] [--wait] FILE
      Each block of lines between empty lines of FILE ("-": standard input) becomes an episode and
      a job, as the Ryumem server would write it. A block that begins with # is a remark.
      --context N   tell each job of the N episodes before it [3]
      --wait        show progress until all have ended; exit 1 if any failed
      RYUMEM_API_KEY is put into the jobs as the tenant's key.
  ryumemctl status
      How many jobs wait and how many are in hand.
  ryumemctl --help | --version

REDIS_URL says where Redis is [redis://localhost:6379].
)";

struct Request {
  std::string verb;
  Producer producer;
  bool wait = false;
  std::string file;
  Request() = default;
};

[[noreturn]] void misused(const std::string& what) {
  throw Failure(Kind::usage, what + "; ryumemctl --help says how");
}

int parse_count(const std::string& name, const std::string& text) {
  constexpr int kMost = 1000;
  int number = -1;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || number < 0 || number > kMost)
    misused(name + " takes a whole number from 0 to " + std::to_string(kMost));
  return number;
}

Request read_request(const std::vector<std::string>& arguments, const Environment& environment) {
  Request request;
  if (arguments.empty()) misused("what is to be done?");
  request.verb = arguments[0];
  if (request.verb != "enqueue" && request.verb != "status")
    misused("there is no verb \"" + request.verb + "\"");
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool for_enqueue = request.verb == "enqueue";
    const auto value = [&]() -> const std::string& {
      if (i + 1 == arguments.size()) misused(argument + " needs a value");
      return arguments[++i];
    };
    if (for_enqueue && argument == "--user-id")
      request.producer.user_id = value();
    else if (for_enqueue && argument == "--customer-id")
      request.producer.customer_id = value();
    else if (for_enqueue && argument == "--context")
      request.producer.remembered = static_cast<std::size_t>(parse_count(argument, value()));
    else if (for_enqueue && argument == "--wait")
      request.wait = true;
    else if (for_enqueue && request.file.empty() && (argument == "-" || argument[0] != '-'))
      request.file = argument;
    else
      misused("\"" + argument + "\" is not understood here");
  }
  if (request.verb == "enqueue" && request.file.empty()) misused("enqueue needs a FILE");
  const auto key = environment.find("RYUMEM_API_KEY");
  if (key != environment.end()) request.producer.api_key = key->second;
  return request;
}

std::string read_text(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Failure(Kind::usage, file + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

Task<> enqueue(const Request& request, Queue& queue, Cancel& patience,
               std::optional<Deadline>& deadline, int& exit_code) {
  const std::vector<std::string> episodes = split_episodes(read_text(request.file));
  if (episodes.empty()) throw Failure(Kind::usage, request.file + ": there is no text in it");
  const std::vector<Job> jobs = make_jobs(episodes, request.producer);
  co_await enqueue_all(queue, jobs, patience);
  fmt::print("{} episodes enqueued\n", jobs.size());
  if (!request.wait) co_return;
  deadline.reset();
  const Tally tally = co_await await_all(queue, jobs, patience);
  fmt::print("{} completed, {} failed, {} vanished\n", tally.completed, tally.failed,
             tally.vanished);
  if (tally.completed < jobs.size()) exit_code = 1;
}

Task<> serve(const Request& request, const Settings& settings, int& exit_code) {
  Redis redis(RedisUrl::parse(settings.redis_url), kRedisLimit);
  Queue queue(redis, Keys(), "ryumemctl");
  Cancel patience;
  std::optional<Deadline> deadline;
  deadline.emplace(patience, kPatience,
                   Failure(Kind::transient, "Redis cannot be reached; check REDIS_URL"));
  std::optional<Failure> failure;
  try {
    if (request.verb == "status") {
      const Depths depths = co_await queue.depths(patience);
      fmt::print("pending     {}\nprocessing  {}\n", depths.pending, depths.processing);
    } else {
      co_await enqueue(request, queue, patience, deadline, exit_code);
    }
  } catch (...) {
    failure = current_failure();
  }
  deadline.reset();
  co_await redis.close();
  if (failure) throw *failure;
}

int run(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "--help") {
    fmt::print("{}", kHelp);
    return 0;
  }
  if (!arguments.empty() && arguments[0] == "--version") {
    fmt::print("ryumemctl {}\n", program_version());
    return 0;
  }
  const Environment environment = process_environment();
  const Request request = read_request(arguments, environment);
  const Settings settings = read_partial_settings({}, environment);
  configure_logging("warning", "ryumemctl");
  int exit_code = 0;
  Loop loop;
  loop.run(serve(request, settings, exit_code));
  return exit_code;
}

}  // namespace
}  // namespace ryumem

int main(int argc, char** argv) {
  try {
    return ryumem::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (...) {
    const ryumem::Failure failure = ryumem::current_failure();
    fmt::print(stderr, "ryumemctl: {}\n", failure.what());
    return ryumem::exit_code(failure);
  }
}
