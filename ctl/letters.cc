#include "ctl/letters.h"

#include <cstdlib>
#include <utility>

#include "common/base/json_slice.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// How many letters one script reads: Redis does nothing else meanwhile.
constexpr int kPortion = 200;
constexpr std::size_t kRow = 7;  // replies per letter: see dead_list.lua

// How long a body lives in the pending list, in seconds, as the peers have it.
constexpr const char* kWaiting = "86400";

Letter read_row(const std::vector<RedisReply>& items, std::size_t at) {
  Letter letter;
  letter.id = items[at].text;
  letter.kind = items[at + 1].text;
  letter.cause = items[at + 2].text;
  letter.at = items[at + 3].text;
  letter.told = items[at + 4].text;
  letter.attempts = std::atoll(items[at + 5].text.c_str());
  letter.untold = items[at + 6].text == "1";
  return letter;
}

}  // namespace

std::map<std::string, std::string> read_fields(const RedisReply& reply) {
  std::map<std::string, std::string> fields;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
    fields[reply.items[i].text] = reply.items[i + 1].text;
  return fields;
}

std::string Letter::told_in_words() const {
  if (told == "1") return "yes";
  if (untold || told.empty() || told == "0") return "no";
  return told;
}

Task<std::vector<Letter>> Letters::list(std::string kind, std::string cause, Cancel& cancel) {
  const std::string part = lower(cause);
  std::vector<Letter> letters;
  for (int from = 0;; from += kPortion) {
    std::vector<std::string> range = {std::to_string(from), std::to_string(from + kPortion - 1)};
    const RedisReply reply = co_await queue_.run("dead_list", std::move(range), cancel);
    for (std::size_t i = 0; i + kRow <= reply.items.size(); i += kRow) {
      Letter letter = read_row(reply.items, i);
      const bool fits = (kind.empty() || letter.kind == kind) &&
                        lower(letter.cause).find(part) != std::string::npos;
      if (fits) letters.push_back(std::move(letter));
    }
    if (reply.items.size() < kPortion * kRow) co_return letters;
  }
}

Task<std::optional<WholeLetter>> Letters::find(std::string id, Cancel& cancel) {
  std::vector<std::string> arguments = {id};
  const RedisReply reply = co_await queue_.run("dead_show", std::move(arguments), cancel);
  std::optional<WholeLetter> found;
  if (reply.items.size() != 3) co_return found;
  std::map<std::string, std::string> fields = read_fields(reply.items[0]);
  found.emplace();
  found->letter.id = id;
  found->letter.kind = fields["kind"];
  found->letter.cause = fields["cause"];
  found->letter.at = fields["at"];
  found->letter.told = fields["told"];
  found->letter.untold = reply.items[2].text == "1";
  found->body = fields["body"];
  found->journal = read_fields(reply.items[1]);
  for (const auto& [field, value] : found->journal)
    found->letter.attempts += field.rfind("attempt:", 0) == 0;
  co_return found;
}

Task<std::string> Letters::retry(std::string id, Cancel& cancel) {
  const std::optional<WholeLetter> found = co_await find(id, cancel);
  if (!found) co_return std::string("it has no dead letter");
  std::string body;
  try {
    body = with_members(found->body, {{"status", "\"pending\""}, {"retry_count", "0"}});
  } catch (const Failure& failure) {
    co_return std::string("its body cannot be read, so nobody could work on it");
  }
  std::vector<std::string> arguments = {id, body, found->body, kWaiting};
  const RedisReply reply = co_await queue_.run("dead_retry", std::move(arguments), cancel);
  std::string why_not;
  if (reply.text == "gone") why_not = "somebody else has decided about it meanwhile";
  if (reply.text == "changed") why_not = "it has changed meanwhile";
  if (reply.text == "lives") why_not = "it is in another place as well; ryumemctl audit says where";
  co_return why_not;
}

Task<std::string> Letters::drop(std::string id, Cancel& cancel) {
  std::vector<std::string> arguments = {id};
  const RedisReply reply = co_await queue_.run("dead_drop", std::move(arguments), cancel);
  co_return std::string(reply.text == "done" ? "" : "it is not among the dead");
}

}  // namespace ryumem
