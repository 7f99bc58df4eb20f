// ryumemctl dead: its arguments, and what it does with each letter.
#include <fmt/format.h>

#include <cstdio>

#include "ctl/confirm.h"
#include "ctl/deeds.h"
#include "ctl/letter_text.h"
#include "ctl/letters.h"
#include "ctl/print.h"
#include "ctl/verb.h"

namespace ryumem {
namespace {

constexpr std::string_view kHelp = R"(  ryumemctl dead ls [--kind KIND] [--cause TEXT] [--json]
      The dead letters, the oldest first: when and why, after how many attempts, and whether the
      server has been told.
  ryumemctl dead show ID [--content] [--json]
      All that is known of one, with its attempts. --content shows the episode's text and what the
      model answered; the tenant's key is never shown.
  ryumemctl dead retry ID…|--all|[--kind KIND] [--cause TEXT] [--json]
      Puts jobs back into the queue, at its end, with all their attempts before them. What was paid
      for is kept and not paid for again.
  ryumemctl dead drop ID…|--all|[--kind KIND] [--cause TEXT] [--yes] [--json]
      Forgets dead jobs for good: letter, body and journal. Asks first, on a terminal; elsewhere
      it needs --yes.
      KIND is as ls shows it: poison, rejected, cancelled, … TEXT is a part of the cause, in any case.
      With both, both must fit. After "--" all words are IDs.
      Exit 1 if something could not be done for one of them; the others are done.
)";

struct Request {
  std::string act;
  std::vector<std::string> ids;
  bool all = false;
  std::string kind;
  std::string cause;
  bool yes = false;
  bool json = false;
  bool content = false;
  Request() = default;
};

void set_once(std::string& value, const std::string& flag, Arguments& arguments) {
  const bool again = !value.empty();
  value = arguments.value_of(flag);
  if (again || value.empty()) misused(flag + " needs one " + (flag == "--kind" ? "KIND" : "TEXT"));
}

void read_word(const std::string& word, Arguments& arguments, Request& request) {
  const bool changes = request.act == "retry" || request.act == "drop";
  if (word == "--json")
    request.json = true;
  else if (word == "--content" && request.act == "show")
    request.content = true;
  else if (word == "--all" && changes)
    request.all = true;
  else if (word == "--kind" && request.act != "show")
    set_once(request.kind, word, arguments);
  else if (word == "--cause" && request.act != "show")
    set_once(request.cause, word, arguments);
  else if (word == "--yes" && request.act == "drop")
    request.yes = true;
  else if (word == "--" && request.act != "ls")
    while (!arguments.empty()) request.ids.push_back(arguments.next());
  else if (request.act != "ls" && !word.empty() && word[0] != '-')
    request.ids.push_back(word);
  else
    Arguments::refuse(word);
}

Request read_request(Arguments arguments) {
  Request request;
  if (arguments.empty()) misused("dead needs to know what: ls, show, retry or drop");
  request.act = arguments.next();
  if (request.act != "ls" && request.act != "show" && request.act != "retry" &&
      request.act != "drop")
    Arguments::refuse(request.act);
  while (!arguments.empty()) {
    const std::string word = arguments.next();
    read_word(word, arguments, request);
  }
  if (request.act == "show" && request.ids.size() != 1) misused("dead show needs one ID");
  const bool chosen = !request.kind.empty() || !request.cause.empty();
  const int ways = (request.ids.empty() ? 0 : 1) + (request.all ? 1 : 0) + (chosen ? 1 : 0);
  if ((request.act == "retry" || request.act == "drop") && ways != 1)
    misused("dead " + request.act + " needs IDs, or --all, or --kind KIND, or --cause TEXT");
  return request;
}

// Says what will be gone, and asks whether that is wanted.
bool may_drop(const std::vector<Letter>& letters, bool yes) {
  std::int64_t untold = 0;
  std::vector<std::string> ids;
  for (const Letter& letter : letters) {
    untold += letter.untold;
    ids.push_back(letter.id);
  }
  std::string what = fmt::format("This forgets {} for good, with body and journal:\n{}",
                                 counted(std::int64_t(ids.size()), "dead job"), some_of(ids));
  if (untold > 0)
    what += fmt::format("The server has not been told of {} of them, and never will be.\n", untold);
  return confirmed(what, "nothing was dropped", yes);
}

class Dead final : public Verb {
 public:
  explicit Dead(Request request) : request_(std::move(request)) {}

  Task<int> run(Session& session) override {
    co_await session.reach_redis();
    Letters letters(session.queue);
    if (request_.act == "ls") co_return co_await list(letters, session.cancel);
    if (request_.act == "show") co_return co_await show(letters, session.cancel);
    co_return co_await change(letters, session.cancel);
  }

 private:
  Task<int> list(Letters& letters, Cancel& cancel) {
    const std::vector<Letter> found = co_await letters.list(request_.kind, request_.cause, cancel);
    fmt::print("{}", request_.json ? letters_as_json(found) : letters_as_text(found));
    co_return 0;
  }

  Task<int> show(Letters& letters, Cancel& cancel) {
    const std::optional<WholeLetter> found = co_await letters.find(request_.ids[0], cancel);
    if (!found) {
      fmt::print(stderr, "ryumemctl: {}: it has no dead letter\n",
                 one_line(request_.ids[0], kIdLength));
      co_return 1;
    }
    fmt::print("{}", request_.json ? letter_as_json(*found, request_.content)
                                   : letter_as_text(*found, request_.content));
    co_return 0;
  }

  // The letters that are meant. An id without one is there too: what is done with it says so.
  Task<std::vector<Letter>> meant(Letters& letters, Cancel& cancel) {
    if (request_.ids.empty())
      co_return co_await letters.list(request_.kind, request_.cause, cancel);
    std::vector<Letter> found;
    for (const std::string& id : request_.ids) {
      const std::optional<WholeLetter> whole = co_await letters.find(id, cancel);
      found.emplace_back();
      if (whole) found.back() = whole->letter;
      found.back().id = id;
    }
    co_return found;
  }

  Task<int> change(Letters& letters, Cancel& cancel) {
    const bool drop = request_.act == "drop";
    const std::vector<Letter> them = co_await meant(letters, cancel);
    if (drop && !them.empty() && !may_drop(them, request_.yes)) co_return 1;
    Deeds deeds;
    for (const Letter& letter : them) {
      std::string why_not;
      if (drop)
        why_not = co_await letters.drop(letter.id, cancel);
      else
        why_not = co_await letters.retry(letter.id, cancel);
      deeds.note(letter.id, why_not);
    }
    const char* what = drop ? "dropped" : "put back into the queue";
    co_return deeds.report(request_.json, drop ? "dropped" : "retried", "dead job", what);
  }

  Request request_;
};

std::unique_ptr<Verb> read(Arguments arguments, const Environment&) {
  return std::make_unique<Dead>(read_request(std::move(arguments)));
}

}  // namespace

VerbEntry dead_verb() { return {"dead", kHelp, read}; }

}  // namespace ryumem
