// ryumemctl enqueue: its arguments, and what it prints.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "ctl/enqueue.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp =
    R"(  ryumemctl enqueue [--user-id ID] [--customer-id ID] [--context N] [--wait] FILE
      Each block of lines between empty lines of FILE ("-": standard input) becomes an episode and
      a job, as the Ryumem server would write it. A block that begins with # is a remark.
      --context N   tell each job of the N episodes before it [3]
      --wait        show progress until all have ended; exit 1 if any failed
      RYUMEM_API_KEY is put into the jobs as the tenant's key.
)";

std::string read_text(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Failure(Kind::usage, file + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

class Enqueue final : public Verb {
 public:
  Enqueue(Arguments arguments, const Environment& environment) {
    while (!arguments.empty()) {
      const std::string& word = arguments.next();
      if (word == "--user-id")
        producer_.user_id = arguments.value_of(word);
      else if (word == "--customer-id")
        producer_.customer_id = arguments.value_of(word);
      else if (word == "--context")
        producer_.remembered = static_cast<std::size_t>(arguments.count_of(word));
      else if (word == "--wait")
        wait_ = true;
      else if (file_.empty() && (word == "-" || word[0] != '-'))
        file_ = word;
      else
        Arguments::refuse(word);
    }
    if (file_.empty()) misused("enqueue needs a FILE");
    const auto key = environment.find("RYUMEM_API_KEY");
    if (key != environment.end()) producer_.api_key = key->second;
  }

  Task<int> run(Session& session) override {
    const std::vector<std::string> episodes = split_episodes(read_text(file_));
    if (episodes.empty()) throw Failure(Kind::usage, file_ + ": there is no text in it");
    const std::vector<Job> jobs = make_jobs(episodes, producer_);
    co_await enqueue_all(session.queue, jobs, session.cancel);
    fmt::print("{} episodes enqueued\n", jobs.size());
    if (!wait_) co_return 0;
    session.patience.reset();
    const Tally tally = co_await await_all(session.queue, jobs, session.cancel);
    fmt::print("{} completed, {} failed, {} vanished\n", tally.completed, tally.failed,
               tally.vanished);
    co_return tally.completed < jobs.size() ? 1 : 0;
  }

 private:
  Producer producer_;
  bool wait_ = false;
  std::string file_;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment& environment) {
  return std::make_unique<Enqueue>(std::move(arguments), environment);
}

}  // namespace

VerbEntry enqueue_verb() { return {"enqueue", kHelp, read}; }

}  // namespace ryumem
