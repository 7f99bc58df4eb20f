// ryumemctl try: what would be made of a text?
#include <fmt/format.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "ctl/read_text.h"
#include "ctl/try_report.h"
#include "ctl/verb.h"
#include "worker/doctor/remedy.h"
#include "worker/llm/billing.h"
#include "worker/llm/ladder.h"
#include "worker/pipeline/text_reading.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(  ryumemctl try [--user-id ID] [--json] TEXT | --file FILE
      Asks the configured models about a text (or FILE; "-": standard input) as a job would, and shows
      what would be stored, what was left out and why, tokens and cost. Nothing is stored, and neither
      Redis nor the server is needed. The calls are paid for.
      --user-id ID  whose text it is: whom "I" means [demo_user]
      Exit 0 also if there is nothing in the text to be stored; 1 if a model failed.
)";

class Try final : public Verb {
 public:
  Try(Arguments arguments, Environment environment) : environment_(std::move(environment)) {
    job_.id = "try";
    job_.user_id = "demo_user";
    std::string file;
    while (!arguments.empty()) {
      const std::string& word = arguments.next();
      if (word == "--json")
        json_ = true;
      else if (word == "--user-id")
        job_.user_id = arguments.value_of(word);
      else if (word == "--file" && file.empty())
        file = arguments.value_of(word);
      else if (word == "-" && file.empty())
        file = word;
      else if (job_.content.empty() && !word.empty() && word[0] != '-')
        job_.content = word;
      else
        Arguments::refuse(word);
    }
    if (file.empty() == job_.content.empty()) misused("try needs a TEXT, or --file FILE");
    if (!file.empty()) job_.content = read_text(file);
    job_.content = well_formed(job_.content);
    if (trim(job_.content).empty()) misused("there is no text in it");
  }

  Task<int> run(Session& session) override {
    session.patience.reset();
    // Redis need not be there, and what fails is in the report.
    configure_logging(LogSettings("off", "ryumemctl"));
    const Settings settings = read_settings({}, environment_);
    Scoreboard board = Scoreboard::create(1);
    Slot& slot = board.slot(0);
    Circuits circuits(slot);
    HttpClient http(kPiecesAtOnce, settings.ca_file);
    ChatModel model(http, settings, slot, circuits);
    Embedder embedder(http, settings, slot, circuits);
    const Prices prices = Prices::read(settings.price_file);
    // Added up, and never written.
    SpendBook book(session.queue, "ryumemctl");
    Billing billing(settings, prices, board.accounts(), book);
    model.account_to(billing);
    embedder.account_to(billing);
    if (!json_)
      fmt::print(stderr, "asking {} {} and {} {}, which is paid for\n", settings.llm_provider,
                 settings.llm_model, settings.embedding_provider, settings.embedding_model);
    const Monotonic::time_point began = Monotonic::now();
    DryRunner runner(model, embedder, slot, settings);
    TryReport report;
    report.run = co_await runner.run(job_, session.cancel);
    report.seconds = seconds_between(began, Monotonic::now());
    report.bills = bills_of(board.accounts());
    report.repairs = repairs_of(slot);
    report.shape = words_of(model.manner());
    const bool embedding =
        report.run.step == Step::embed_entities || report.run.step == Step::embed_facts;
    if (report.run.failure)
      report.remedy = remedy_for(*report.run.failure,
                                 embedding ? settings.embedding_provider : settings.llm_provider);
    fmt::print("{}", json_ ? try_json(report) : try_text(report));
    co_return report.run.failure ? 1 : 0;
  }

 private:
  Environment environment_;
  Job job_;
  bool json_ = false;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment& environment) {
  return std::make_unique<Try>(std::move(arguments), environment);
}

}  // namespace

VerbEntry try_verb() { return {"try", kHelp, read}; }

}  // namespace ryumem
