// ryumemctl enqueue: its arguments, and what it prints.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "common/base/json_build.h"
#include "common/base/text.h"
#include "ctl/enqueue.h"
#include "ctl/episode_lines.h"
#include "ctl/print.h"
#include "ctl/read_text.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp =
    R"(  ryumemctl enqueue [--user-id ID] [--customer-id ID] [--context N] [--wait] [--json]
                    FILE | --text TEXT | --jsonl FILE
      Puts jobs into the queue as the Ryumem server would write them, and shows how far it is.
      FILE          each block of lines between empty lines becomes an episode ("-": standard
                    input); a block that begins with # is a remark
      --text TEXT   one episode
      --jsonl FILE  one episode per line, {"content": "…"} with, where it differs, episode_uuid,
                    user_id, customer_id, api_key, context, max_retries ("-": standard input). A line
                    that is none is named and left out
      --context N   tell each job of a FILE of the N episodes before it [3]
      --wait        show progress until all have ended; exit 1 if any failed
      RYUMEM_API_KEY is put into the jobs as the tenant's key. Exit 1 if a line was left out.
)";

constexpr std::size_t kBatch = 200;

// Says on standard error how many are in the queue, once a second at most.
class Progress {
 public:
  void show(std::size_t count) {
    const Monotonic::time_point now = Monotonic::now();
    if (now - shown_ < Seconds(1)) return;
    shown_ = now;
    fmt::print(stderr, "{} enqueued\n", count);
  }

 private:
  Monotonic::time_point shown_ = Monotonic::now();
};

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
      else if (word == "--json")
        json_ = true;
      else if (word == "--text" && text_.empty())
        text_ = arguments.value_of(word);
      else if (word == "--jsonl" && lines_.empty())
        lines_ = arguments.value_of(word);
      else if (file_.empty() && (word == "-" || word[0] != '-'))
        file_ = word;
      else
        Arguments::refuse(word);
    }
    const int sources =
        (file_.empty() ? 0 : 1) + (text_.empty() ? 0 : 1) + (lines_.empty() ? 0 : 1);
    if (sources != 1) misused("enqueue needs a FILE, or --text TEXT, or --jsonl FILE");
    const auto key = environment.find("RYUMEM_API_KEY");
    if (key != environment.end()) producer_.api_key = key->second;
  }

  Task<int> run(Session& session) override {
    if (lines_.empty())
      co_await put_episodes(session);
    else
      co_await put_lines(session);
    if (!json_) fmt::print("{} enqueued\n", counted(std::int64_t(ids_.size()), "episode"));
    std::optional<Tally> tally;
    if (wait_) tally = co_await await_all(session.queue, ids_, session.cancel);
    if (json_) print_json(tally);
    if (tally && !json_)
      fmt::print("{} completed, {} failed, {} vanished\n", tally->completed, tally->failed,
                 tally->vanished);
    const bool all_done = !tally || tally->completed == ids_.size();
    co_return refused_.empty() && all_done ? 0 : 1;
  }

 private:
  Task<> put_episodes(Session& session) {
    const bool one = !text_.empty();
    const std::vector<std::string> episodes =
        one ? std::vector<std::string>{text_} : split_episodes(read_text(file_));
    if (episodes.empty()) throw Failure(Kind::usage, file_ + ": there is no text in it");
    const std::vector<Job> jobs = make_jobs(episodes, producer_);
    co_await session.reach_redis();
    Progress progress;
    for (std::size_t from = 0; from < jobs.size(); from += kBatch) {
      const std::size_t end = std::min(from + kBatch, jobs.size());
      std::vector<Job> batch(jobs.begin() + std::ptrdiff_t(from),
                             jobs.begin() + std::ptrdiff_t(end));
      co_await put(batch, session);
      progress.show(ids_.size());
    }
  }

  Task<> put_lines(Session& session) {
    std::ifstream file;
    if (lines_ != "-") file.open(lines_, std::ios::binary);
    if (lines_ != "-" && !file) throw Failure(Kind::usage, lines_ + ": cannot be read");
    // With a buffer of its own standard input tells how much of it is here already.
    std::ios::sync_with_stdio(false);
    std::istream& stream = lines_ == "-" ? std::cin : file;
    co_await session.reach_redis();
    Progress progress;
    std::vector<Job> batch;
    std::string line;
    bool too_long = false;
    for (std::size_t number = 1; next_line(stream, line, too_long); ++number) {
      read_line(line, too_long, number, batch);
      if (batch.size() < kBatch && stream.rdbuf()->in_avail() > 0) continue;
      co_await put(batch, session);
      batch.clear();
      progress.show(ids_.size());
    }
    co_await put(batch, session);
  }

  void read_line(const std::string& line, bool too_long, std::size_t number,
                 std::vector<Job>& batch) {
    if (trim(line).empty()) return;
    try {
      if (too_long)
        throw Failure(Kind::usage, fmt::format("it is longer than {} MB", kLongestLine >> 20U));
      batch.push_back(job_of_line(line, producer_));
    } catch (const Failure& failure) {
      fmt::print(stderr, "ryumemctl: line {}: {}\n", number, one_line(failure.what(), 300));
      refused_.emplace_back(number, failure.what());
    }
  }

  Task<> put(const std::vector<Job>& batch, Session& session) {
    co_await enqueue_all(session.queue, batch, session.cancel);
    for (const Job& job : batch) ids_.push_back(job.id);
  }

  void print_json(const std::optional<Tally>& tally) const {
    JsonBuilder ids = JsonBuilder::array();
    for (const std::string& id : ids_) ids.push_string(id);
    JsonBuilder refused = JsonBuilder::array();
    for (const auto& [line, why] : refused_) {
      JsonBuilder entry = JsonBuilder::object();
      entry.integer("line", static_cast<std::int64_t>(line)).string("why", well_formed(why));
      refused.push(std::move(entry));
    }
    JsonBuilder whole = JsonBuilder::object();
    whole.add("enqueued", std::move(ids)).add("refused", std::move(refused));
    if (tally)
      whole.integer("completed", static_cast<std::int64_t>(tally->completed))
          .integer("failed", static_cast<std::int64_t>(tally->failed))
          .integer("vanished", static_cast<std::int64_t>(tally->vanished));
    fmt::print("{}\n", whole.print());
  }

  Producer producer_;
  bool wait_ = false;
  bool json_ = false;
  std::string file_;
  std::string text_;
  std::string lines_;
  std::vector<std::string> ids_;                              // of all that are in the queue now
  std::vector<std::pair<std::size_t, std::string>> refused_;  // line, why
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment& environment) {
  return std::make_unique<Enqueue>(std::move(arguments), environment);
}

}  // namespace

VerbEntry enqueue_verb() { return {"enqueue", kHelp, read}; }

}  // namespace ryumem
