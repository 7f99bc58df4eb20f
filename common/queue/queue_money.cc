// Queue, the part about money: the day's book, and jobs that a cap has parked.
#include "common/base/text.h"
#include "common/queue/queue.h"
#include "common/queue/unexpected.h"

namespace ryumem {
namespace {

// How long a day's book is kept, in seconds: a month and a few days.
constexpr const char* kBookKept = "3456000";
// How many parked jobs one script looks at: Redis does nothing else meanwhile.
constexpr std::int64_t kPortion = 500;

std::int64_t number_in(const std::string& word) {
  constexpr int kDecimal = 10;
  return std::strtoll(word.c_str(), nullptr, kDecimal);
}

Spend read_spend(const std::string& text) {
  std::vector<std::string> words = split(text, ' ');
  words.resize(5);
  Spend spend;
  spend.calls = number_in(words[0]);
  spend.tokens_in = number_in(words[1]);
  spend.tokens_out = number_in(words[2]);
  spend.nano_usd = number_in(words[3]);
  spend.unpriced = number_in(words[4]);
  return spend;
}

// As park.lua and unpark.lua take them.
void add_caps(std::vector<std::string>& arguments, const Caps& caps) {
  for (const std::int64_t cap :
       {caps.all_usd, caps.customer_usd, caps.all_tokens, caps.customer_tokens})
    arguments.push_back(std::to_string(cap));
}

}  // namespace

Task<bool> Queue::spend(const std::string& worker, std::int64_t portion, const Spending& spending,
                        Cancel& cancel) {
  std::vector<std::string> arguments = {worker, std::to_string(portion), kBookKept};
  for (const auto& [customer, spend] : spending) {
    arguments.push_back(customer);
    for (const std::int64_t figure :
         {spend.calls, spend.tokens_in, spend.tokens_out, spend.nano_usd, spend.unpriced})
      arguments.push_back(std::to_string(figure));
  }
  const RedisReply reply = co_await persist("spend", std::move(arguments), cancel);
  co_return reply.integer == 1;
}

Task<SpentToday> Queue::spent_today(Cancel& cancel) {
  std::vector<std::string> arguments = {std::to_string(kTopCustomers)};
  const RedisReply reply = co_await run("spent_today", std::move(arguments), cancel);
  SpentToday today;
  if (reply.items.size() < 3) co_return today;
  today.day = reply.items[0].text;
  today.all = read_spend(reply.items[1].text);
  today.others = number_in(reply.items[2].text);
  for (std::size_t i = 3; i + 1 < reply.items.size(); i += 2)
    today.customers.emplace_back(reply.items[i].text, read_spend(reply.items[i + 1].text));
  co_return today;
}

Task<Parking> Queue::park_if_capped(const Job& job, const std::string& token, const Caps& caps,
                                    Cancel& cancel) {
  std::vector<std::string> arguments = {job.id, token, body_with(job, "pending", job.retry_count),
                                        customer_name(job.customer_id)};
  add_caps(arguments, caps);
  const RedisReply reply = co_await persist("park", std::move(arguments), cancel);
  if (reply.integer == 2) co_return Parking::go_on;
  // Sent twice, and not ours the second time: the first one has parked it.
  co_return reply.integer == 1 || reply.repeated ? Parking::parked : Parking::not_ours;
}

Task<std::int64_t> Queue::unpark(const Caps& caps, Cancel& cancel) {
  std::int64_t went = 0;
  for (std::int64_t from = 0;;) {
    std::vector<std::string> arguments = {std::to_string(from), std::to_string(from + kPortion - 1),
                                          kWaiting};
    add_caps(arguments, caps);
    const RedisReply reply = co_await run("unpark", std::move(arguments), cancel);
    if (reply.items.size() != 2) unexpected("unpark", reply);
    const std::int64_t looked_at = reply.items[0].integer;
    went += reply.items[1].integer;
    from += looked_at - reply.items[1].integer;
    if (looked_at < kPortion) co_return went;
  }
}

Task<bool> Queue::resume(const std::string& id, Cancel& cancel) {
  std::vector<std::string> arguments = {id, kWaiting};
  const RedisReply reply = co_await run("let_go_on", std::move(arguments), cancel);
  co_return reply.integer == 1;
}

}  // namespace ryumem
