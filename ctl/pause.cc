// ryumemctl pause and resume: what nobody in the fleet takes jobs for.
#include <fmt/format.h>

#include "common/base/json_build.h"
#include "common/queue/pauses.h"
#include "ctl/print.h"
#include "ctl/verb.h"
#include "ctl/whoami.h"

namespace ryumem {
namespace {

constexpr std::string_view kPauseHelp =
    R"(  ryumemctl pause [all|PROVIDER]… [--reason TEXT] [--json]
      No worker on any host takes jobs any more (all, the default), or none that uses PROVIDER
      (gemini, openai, …) to extract or to embed. What is in hand is finished, jobs stay in the queue,
      /readyz and status say who paused and why. It lasts until resume, whatever is restarted. Python
      workers do not know of it.
)";
constexpr std::string_view kResumeHelp = R"(  ryumemctl resume [all|PROVIDER]… [--json]
      Jobs are taken again, within a second or two. Without a name: whatever was paused.
)";

constexpr std::size_t kLongestName = 60;

struct Request {
  bool pause = false;
  std::vector<std::string> whats;
  std::string reason;
  bool json = false;
  Request() = default;
};

Request read_request(Arguments arguments, bool pause) {
  Request request;
  request.pause = pause;
  while (!arguments.empty()) {
    const std::string word = arguments.next();
    if (word == "--json")
      request.json = true;
    else if (word == "--reason" && pause)
      request.reason = one_line(arguments.value_of(word), 500);
    else if (!word.empty() && word[0] != '-' && word.size() <= kLongestName)
      request.whats.push_back(word == "claims" ? kEverything : word);
    else
      Arguments::refuse(word);
  }
  return request;
}

class PauseVerb final : public Verb {
 public:
  explicit PauseVerb(Request request) : request_(std::move(request)) {}

  Task<int> run(Session& session) override {
    co_await session.reach_redis();
    Pauses pauses(session.queue);
    if (request_.pause)
      co_await pause(pauses, session.cancel);
    else
      co_await resume(pauses, session.cancel);
    const std::vector<Pause> left = co_await pauses.list(session.cancel);
    if (request_.json)
      fmt::print("{}\n", in_json(left));
    else
      fmt::print("{}", in_text(left));
    co_return missed_ ? 1 : 0;
  }

 private:
  Task<> pause(Pauses& pauses, Cancel& cancel) {
    if (request_.whats.empty()) request_.whats.emplace_back(kEverything);
    for (const std::string& what : request_.whats) {
      Pause pause;
      pause.what = what;
      pause.by = who_is_asking();
      pause.why = request_.reason;
      co_await pauses.set(pause, cancel);
    }
  }

  Task<> resume(Pauses& pauses, Cancel& cancel) {
    if (request_.whats.empty()) {
      const std::vector<Pause> all = co_await pauses.list(cancel);
      for (const Pause& pause : all) request_.whats.push_back(pause.what);
    }
    for (const std::string& what : request_.whats) {
      const bool lifted = co_await pauses.lift(what, cancel);
      if (lifted) continue;
      missed_ = true;
      fmt::print(stderr, "ryumemctl: {}: it was not paused\n", one_line(what, kIdLength));
    }
  }

  static std::string in_text(const std::vector<Pause>& pauses) {
    if (pauses.empty()) return "nothing is paused\n";
    std::string out;
    for (const Pause& pause : pauses) out += one_line(pause.text(), 1000) + "\n";
    return out;
  }

  static std::string in_json(const std::vector<Pause>& pauses) {
    JsonBuilder whole = JsonBuilder::object();
    whole.add("paused", pauses_as_json(pauses));
    return whole.print();
  }

  Request request_;
  bool missed_ = false;
};

std::unique_ptr<Verb> read_pause(Arguments arguments, const Environment&) {
  return std::make_unique<PauseVerb>(read_request(std::move(arguments), true));
}
std::unique_ptr<Verb> read_resume(Arguments arguments, const Environment&) {
  return std::make_unique<PauseVerb>(read_request(std::move(arguments), false));
}

}  // namespace

VerbEntry pause_verb() { return {"pause", kPauseHelp, read_pause}; }
VerbEntry resume_verb() { return {"resume", kResumeHelp, read_resume}; }

}  // namespace ryumem
