// ryumemctl doctor: is this installation fit to work?
#include "worker/doctor/doctor.h"

#include <fmt/format.h>
#include <unistd.h>

#include "ctl/status_view.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(  ryumemctl doctor [--no-paid] [--url URL] [--json]
      Looks at Redis (version, persistence, eviction, memory), at the server and the internal key, at
      the models (key, model, context, answer, dimension), and at what the system gives the running ryumemd
      (file limit, control group, sandbox); each line says what to do about it. It changes nothing.
      The models are asked once each, which is paid for: two small calls. --no-paid leaves that out.
      Exit 1 if something failed.
)";

class Doctor final : public Verb {
 public:
  Doctor(Arguments arguments, Environment environment) : environment_(std::move(environment)) {
    while (!arguments.empty()) {
      const std::string& word = arguments.next();
      if (word == "--json")
        json_ = true;
      else if (word == "--no-paid")
        orders_.paid = false;
      else if (word == "--url")
        url_ = arguments.value_of(word);
      else
        Arguments::refuse(word);
    }
  }

  Task<int> run(Session& session) override {
    session.patience.reset();
    Checkup checkup;
    std::optional<Settings> settings;
    try {
      settings = read_settings({}, environment_);
    } catch (const Failure& failure) {
      checkup.fail("configuration", failure.what(), "ryumemd --help lists the settings");
    }
    if (settings) {
      orders_.supervisor = co_await supervisor_here(session);
      if (orders_.paid && !json_)
        fmt::print(stderr, "asking {} and {}: two small calls, which are paid for\n",
                   settings->llm_provider, settings->embedding_provider);
      checkup = co_await examine(*settings, orders_);
    }
    fmt::print("{}", json_ ? checkup.json() : checkup.text());
    co_return checkup.healthy() ? 0 : 1;
  }

 private:
  // The pid of a ryumemd that runs on this host; 0 if none answers.
  Task<int> supervisor_here(Session& session) {
    if (url_.empty()) url_ = supervisor_url(session.settings);
    HttpClient http(1);
    std::string trouble;
    const std::optional<StatusView> view =
        co_await ask_supervisor(http, url_, trouble, session.cancel);
    char host[256] = "";
    gethostname(host, sizeof(host) - 1);
    if (!view || view->host != host) co_return 0;
    co_return static_cast<int>(view->pid);
  }

  Environment environment_;
  DoctorOrders orders_;
  bool json_ = false;
  std::string url_;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment& environment) {
  return std::make_unique<Doctor>(std::move(arguments), environment);
}

}  // namespace

VerbEntry doctor_verb() { return {"doctor", kHelp, read}; }

}  // namespace ryumem
