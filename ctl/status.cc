// ryumemctl status: what the supervisor says of the fleet, or what Redis knows without it.
#include <fmt/format.h>

#include "common/ops/redis_of.h"
#include "ctl/status_text.h"
#include "ctl/status_view.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(  ryumemctl status [--url URL] [--redis] [--json]
      How many jobs are where, what is paused, and, from the supervisor's HTTP, readiness with its
      reasons, workers, circuits and spend. If no supervisor answers, or with --redis, what Redis
      knows, and what then cannot be known.
      --url URL  where the supervisor is [http:// and RYUMEM_WORKER_LISTEN]
)";

class Status final : public Verb {
 public:
  explicit Status(Arguments arguments) {
    while (!arguments.empty()) {
      const std::string& word = arguments.next();
      if (word == "--json")
        json_ = true;
      else if (word == "--redis")
        redis_ = true;
      else if (word == "--url")
        url_ = arguments.value_of(word);
      else
        Arguments::refuse(word);
    }
    if (redis_ && !url_.empty()) misused("--redis asks no supervisor, so --url means nothing");
  }

  Task<int> run(Session& session) override {
    std::optional<StatusView> view;
    std::string trouble = "not asked";
    if (url_.empty() && !redis_) url_ = supervisor_url(session.settings);
    if (!redis_) {
      HttpClient http(1);
      view = co_await ask_supervisor(http, url_, trouble, session.cancel);
    }
    if (!view) {
      view = co_await ask_redis(session.queue, session.cancel);
      view->source = redis_of(session.settings).name();
      view->no_answer = trouble;
    }
    fmt::print("{}", json_ ? status_as_json(*view) : status_as_text(*view));
    if (!view->live && !redis_ && !json_)
      fmt::print(
          stderr,
          "ryumemctl: no supervisor answers ({}); Redis does not know what the workers do, "
          "their circuits, and what was spent, and of supervisors only what they said last\n",
          view->no_answer);
    co_return 0;
  }

 private:
  bool json_ = false;
  bool redis_ = false;
  std::string url_;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment&) {
  return std::make_unique<Status>(std::move(arguments));
}

}  // namespace

VerbEntry status_verb() { return {"status", kHelp, read}; }

}  // namespace ryumem
