// ryumemctl top: the status as a full screen that goes on.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "common/async/readable.h"
#include "common/async/signals.h"
#include "common/ops/redis_of.h"
#include "ctl/status_view.h"
#include "ctl/top_frame.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(  ryumemctl top [--url URL] [--every SECONDS]
      The same as status on a full screen, once a second (1 to 1000): queue, readiness, circuits,
      workers, the jobs that are in hand longest, the last dead letters. q quits, r looks at once.
)";

class Top final : public Verb {
 public:
  explicit Top(Arguments arguments) {
    while (!arguments.empty()) {
      const std::string& word = arguments.next();
      if (word == "--url")
        url_ = arguments.value_of(word);
      else if (word == "--every")
        every_ = arguments.count_of(word);
      else
        Arguments::refuse(word);
    }
    if (every_ < 1) misused("--every takes a whole number from 1 to 1000");
  }

  Task<int> run(Session& session) override {
    session.patience.reset();
    if (url_.empty()) url_ = supervisor_url(session.settings);
    Terminal terminal;
    HttpClient http(1);
    ReadableWatch keys(STDIN_FILENO, [&] { typed(terminal); });
    SignalWatch on_int(SIGINT, [this] { quit(); });
    SignalWatch on_term(SIGTERM, [this] { quit(); });
    SignalWatch on_hup(SIGHUP, [this] { quit(); });
    SignalWatch on_resize(SIGWINCH, [&] { draw(terminal); });
    SignalWatch on_stop(SIGTSTP, [&] { stop_for_a_while(terminal); });
    try {
      while (!quitting_) {
        co_await look(http, session);
        draw(terminal);
        if (!quitting_ && !at_once_) co_await pause();
        at_once_ = false;
      }
    } catch (const Failure&) {
      if (!quitting_) throw;
    }
    co_return 0;
  }

 private:
  Task<> look(HttpClient& http, Session& session) {
    std::string trouble;
    const Monotonic::time_point now = Monotonic::now();
    std::optional<StatusView> view = co_await ask_supervisor(http, url_, trouble, over_);
    if (!view) {
      view = co_await from_redis(session);
      view->no_answer = trouble;
    }
    facts_.jobs_a_second = rate_between(facts_.now, *view, seconds_between(looked_, now));
    looked_ = now;
    facts_.now = std::move(*view);
    facts_.every = every_;
    facts_.clock = fmt::format("{:%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  }

  // Redis may be away as well; then that is what is shown.
  Task<StatusView> from_redis(Session& session) {
    StatusView view;
    const std::string name = redis_of(session.settings).name();
    if (session.redis.connected()) {
      try {
        view = co_await ask_redis(session.queue, over_);
      } catch (const Failure& failure) {
        over_.throw_if_requested();
        view.reasons.push_back("redis: " + std::string(failure.what()));
      }
    } else {
      view.reasons.push_back("redis: " + session.redis.trouble());
    }
    view.source = name;
    co_return view;
  }

  // Until the next look is due, or somebody wants something.
  Task<> pause() {
    Timer timer;
    timer.once(Seconds(every_), [this] { wake_.notify(); });
    co_await wake_.wait(over_);
  }

  void draw(Terminal& terminal) noexcept {
    try {
      terminal.show(top_frame(facts_, terminal.size()));
    } catch (...) {
      quit();  // the terminal is gone
    }
  }

  void typed(Terminal& terminal) noexcept {
    const std::optional<std::string> keys = terminal.typed();
    if (!keys || keys->find_first_of("qQ") != std::string::npos) return quit();
    if (keys->find_first_of("rR ") == std::string::npos) return;
    at_once_ = true;
    wake_.notify();
  }

  // Ctrl-Z: the shell gets its screen, and we stop; when we go on, all is drawn anew.
  void stop_for_a_while(Terminal& terminal) noexcept {
    terminal.leave();
    kill(getpid(), SIGSTOP);
    try {
      terminal.enter();
    } catch (...) {
      return quit();
    }
    draw(terminal);
  }

  void quit() noexcept {
    quitting_ = true;
    over_.request(Failure(Kind::stopping, "asked to end"));
  }

  std::string url_;
  int every_ = 1;
  TopFacts facts_;
  Monotonic::time_point looked_;
  Notice wake_;
  Cancel over_;
  bool quitting_ = false;
  bool at_once_ = false;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment&) {
  return std::make_unique<Top>(std::move(arguments));
}

}  // namespace

VerbEntry top_verb() { return {"top", kHelp, read}; }

}  // namespace ryumem
