#include "ctl/letters.h"

#include <utility>

#include "common/base/json_slice.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

// How many letters one script reads: Redis does nothing else meanwhile.
constexpr int kPortion = 200;

}  // namespace

std::map<std::string, std::string> read_fields(const RedisReply& reply) {
  std::map<std::string, std::string> fields;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
    fields[reply.items[i].text] = reply.items[i + 1].text;
  return fields;
}

Task<std::vector<Letter>> Letters::list(std::string kind, std::string cause, Cancel& cancel) {
  const std::string part = lower(cause);
  std::vector<Letter> letters;
  for (int from = 0;; from += kPortion) {
    std::vector<std::string> range = {std::to_string(from), std::to_string(from + kPortion - 1)};
    const RedisReply reply = co_await queue_.run("dead_list", std::move(range), cancel);
    std::vector<Letter> portion = read_letters(reply);
    for (Letter& letter : portion) {
      const bool fits = (kind.empty() || letter.kind == kind) &&
                        lower(letter.cause).find(part) != std::string::npos;
      if (fits) letters.push_back(std::move(letter));
    }
    if (portion.size() < kPortion) co_return letters;
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
  if (reply.text == "telling") why_not = "the server is being told of it; try again in a minute";
  if (reply.text == "lives") why_not = "it is in another place as well; ryumemctl audit says where";
  co_return why_not;
}

Task<std::string> Letters::drop(std::string id, Cancel& cancel) {
  std::vector<std::string> arguments = {id};
  const RedisReply reply = co_await queue_.run("dead_drop", std::move(arguments), cancel);
  co_return std::string(reply.text == "done" ? "" : "it is not among the dead");
}

}  // namespace ryumem
