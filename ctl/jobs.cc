// ryumemctl jobs: its arguments, and what it does with each job.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "ctl/confirm.h"
#include "ctl/deeds.h"
#include "ctl/job_text.h"
#include "ctl/print.h"
#include "ctl/verb.h"
#include "ctl/whoami.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp =
    R"(  ryumemctl jobs ls [--state STATE] [--customer-id ID] [--limit N] [--offset N] [--json]
      The jobs that are pending (or processing, delayed, parked, dead), the next one first, 50 at
      a time.
  ryumemctl jobs show ID [--content] [--json]
      Where a job is, its attempts, what is behind it. --content shows the episode's text and what
      the model answered; the tenant's key is never shown.
  ryumemctl jobs retry ID…|--all [--json]
      Delayed jobs go to the front of the queue now, dead ones to its end. --all: every delayed job.
  ryumemctl jobs cancel ID…|--state STATE [--customer-id ID] [--reason TEXT] [--yes] [--json]
      Makes dead letters of kind "cancelled" of jobs that are pending, delayed, parked or processing; the
      server is told that they failed. A worker that has one in hand stops at its next step; what it
      has stored by then stays stored. Asks first, on a terminal; elsewhere it needs --yes.
      dead retry takes a cancellation back. After "--" all words are IDs.
      Exit 1 if something could not be done for one of them; the others are done.
)";

struct Request {
  std::string act;
  std::vector<std::string> ids;
  JobFilter filter;
  std::string reason;
  bool all = false;
  bool yes = false;
  bool json = false;
  bool content = false;
  Request() = default;
};

std::string state_in(Arguments& arguments, bool dead_too) {
  const std::string state = arguments.value_of("--state");
  const auto* found = std::find(std::begin(kListedStates), std::end(kListedStates), state);
  if (found == std::end(kListedStates) || (state == "dead" && !dead_too))
    misused(std::string("--state takes pending, processing, delayed") +
            (dead_too ? ", parked or dead" : " or parked"));
  return state;
}

void read_word(const std::string& word, Arguments& arguments, Request& request) {
  const bool ls = request.act == "ls";
  const bool cancel = request.act == "cancel";
  if (word == "--json")
    request.json = true;
  else if (word == "--content" && request.act == "show")
    request.content = true;
  else if (word == "--all" && request.act == "retry")
    request.all = true;
  else if (word == "--state" && (ls || cancel))
    request.filter.state = state_in(arguments, ls);
  else if (word == "--customer-id" && (ls || cancel))
    request.filter.customer_id = arguments.value_of(word);
  else if (word == "--limit" && ls)
    request.filter.limit = arguments.count_of(word);
  else if (word == "--offset" && ls)
    request.filter.offset = arguments.number_of(word);
  else if (word == "--reason" && cancel)
    request.reason = arguments.value_of(word);
  else if (word == "--yes" && cancel)
    request.yes = true;
  else if (word == "--" && !ls)
    while (!arguments.empty()) request.ids.push_back(arguments.next());
  else if (!ls && !word.empty() && word[0] != '-')
    request.ids.push_back(word);
  else
    Arguments::refuse(word);
}

Request read_request(Arguments arguments) {
  Request request;
  if (arguments.empty()) misused("jobs needs to know what: ls, show, retry or cancel");
  request.act = arguments.next();
  for (const char* known : {"ls", "show", "retry", "cancel", ""}) {
    if (request.act == known) break;
    if (*known == '\0') Arguments::refuse(request.act);
  }
  while (!arguments.empty()) {
    const std::string word = arguments.next();
    read_word(word, arguments, request);
  }
  if (request.act == "show" && request.ids.size() != 1) misused("jobs show needs one ID");
  if (request.act == "retry" && request.ids.empty() != request.all)
    misused("jobs retry needs IDs, or --all");
  if (request.act == "cancel") {
    if (request.ids.empty() == request.filter.state.empty())
      misused("jobs cancel needs IDs, or --state STATE");
    if (!request.ids.empty() && !request.filter.customer_id.empty())
      misused("--customer-id goes with --state");
    request.filter.limit = 0;
  }
  if (request.act == "ls" && request.filter.state.empty()) request.filter.state = "pending";
  return request;
}

class Jobs final : public Verb {
 public:
  explicit Jobs(Request request) : request_(std::move(request)) {}

  Task<int> run(Session& session) override {
    co_await session.reach_redis();
    JobBook book(session.queue);
    if (request_.act == "ls") co_return co_await list(book, session.cancel);
    if (request_.act == "show") co_return co_await show(book, session.cancel);
    if (request_.act == "retry") co_return co_await retry(book, session.cancel);
    co_return co_await cancel_them(book, session.cancel);
  }

 private:
  Task<int> list(JobBook& book, Cancel& cancel) {
    const JobPage page = co_await book.list(request_.filter, cancel);
    fmt::print("{}", request_.json ? jobs_as_json(page, request_.filter)
                                   : jobs_as_text(page, request_.filter));
    co_return 0;
  }

  Task<int> show(JobBook& book, Cancel& cancel) {
    const WholeJob job = co_await book.find(request_.ids[0], cancel);
    if (!job.known()) {
      fmt::print(stderr, "ryumemctl: {}: there is no such job\n", one_line(job.id, kIdLength));
      co_return 1;
    }
    fmt::print("{}", request_.json ? job_as_json(job, request_.content)
                                   : job_as_text(job, request_.content));
    co_return 0;
  }

  // The jobs that are meant: those named, or all of a state.
  Task<std::vector<std::string>> meant(JobBook& book, Cancel& cancel) {
    if (!request_.ids.empty()) co_return request_.ids;
    const JobPage page = co_await book.list(request_.filter, cancel);
    std::vector<std::string> ids;
    for (const JobRow& row : page.rows) ids.push_back(row.id);
    co_return ids;
  }

  Task<int> retry(JobBook& book, Cancel& cancel) {
    request_.filter.state = "delayed";
    request_.filter.limit = 0;
    const std::vector<std::string> ids = co_await meant(book, cancel);
    Deeds deeds;
    for (const std::string& id : ids) {
      const std::string why_not = co_await book.retry(id, cancel);
      deeds.note(id, why_not);
    }
    co_return deeds.report(request_.json, "retried", "job", "put back into the queue");
  }

  Task<int> cancel_them(JobBook& book, Cancel& cancel) {
    const std::vector<std::string> ids = co_await meant(book, cancel);
    const std::string what =
        fmt::format("This cancels {}; the server is told that the episodes failed:\n{}",
                    counted(static_cast<std::int64_t>(ids.size()), "job"), some_of(ids));
    if (!ids.empty() && !confirmed(what, "nothing was cancelled", request_.yes)) co_return 1;
    std::string cause = "cancelled by operator " + who_is_asking();
    if (!request_.reason.empty()) cause += ": " + one_line(request_.reason, 500);
    Deeds deeds;
    for (const std::string& id : ids) {
      const std::string why_not = co_await book.cancel_job(id, cause, cancel);
      deeds.note(id, why_not);
    }
    co_return deeds.report(request_.json, "cancelled", "job", "cancelled");
  }

  Request request_;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment&) {
  return std::make_unique<Jobs>(read_request(std::move(arguments)));
}

}  // namespace

VerbEntry jobs_verb() { return {"jobs", kHelp, read}; }

}  // namespace ryumem
