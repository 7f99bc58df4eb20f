// Queue, the part that a supervisor does for everybody: takes back what nobody holds any more,
// sends on what is due, and tells the server of the dead.
#include <cstdlib>
#include <utility>

#include "common/queue/queue.h"
#include "common/queue/unexpected.h"

namespace ryumem {
namespace {

// A job that was in hand when so many workers died is poison.
constexpr const char* kMostCrashes = "3";

// How much one script of a supervisor looks at: Redis does nothing else meanwhile.
constexpr int kPortion = 500;

// How long after it was asked for an expiry may be carried out. A Redis that stood still carries
// out what waits for it when it goes on, also for those who have given up.
constexpr Millis kMeant{1000};

TakenBack read_taken_back(const std::string& script, const RedisReply& reply) {
  if (reply.items.size() != 3) unexpected(script, reply);
  TakenBack taken;
  taken.requeued = reply.items[0].integer;
  taken.buried = reply.items[1].integer;
  taken.in_doubt = reply.items[2].integer;
  return taken;
}

}  // namespace

Task<TakenBack> Queue::reclaim(const std::string& token_prefix, bool crashed, Cancel& cancel) {
  std::vector<std::string> arguments = {token_prefix, kMostCrashes, crashed ? "1" : "0"};
  const RedisReply reply = co_await persist("reclaim", std::move(arguments), cancel);
  co_return read_taken_back("reclaim", reply);
}

Task<TakenBack> Queue::expire(Cancel& cancel) {
  RedisCommand time = {"TIME"};
  const RedisReply clock = co_await redis_.command(std::move(time), cancel);
  if (clock.items.size() != 2) unexpected("TIME", clock);
  const std::int64_t now_ms = std::strtoll(clock.items[0].text.c_str(), nullptr, 10) * 1000 +
                              std::strtoll(clock.items[1].text.c_str(), nullptr, 10) / 1000;
  std::vector<std::string> arguments = {kMostCrashes, std::to_string(kPortion),
                                        std::to_string(now_ms + kMeant.count())};
  const RedisReply reply = co_await run("expire", std::move(arguments), cancel);
  co_return read_taken_back("expire", reply);
}

Task<std::int64_t> Queue::take_back_strangers(Millis timeout, Cancel& cancel) {
  std::vector<std::string> arguments = {std::to_string(timeout.count())};
  const RedisReply reply = co_await run("strangers", std::move(arguments), cancel);
  if (reply.items.size() != 2) unexpected("strangers", reply);
  co_return reply.items[0].integer;
}

Task<std::int64_t> Queue::promote(Cancel& cancel) {
  std::vector<std::string> arguments = {std::to_string(kPortion), kWaiting};
  const RedisReply reply = co_await run("promote", std::move(arguments), cancel);
  co_return reply.integer;
}

Task<> Queue::keep_alive(Cancel& cancel) {
  // From the front, which moves towards us while we look: an id may be missed in one round.
  for (std::int64_t from = 0;; from += kPortion) {
    std::vector<std::string> arguments = {std::to_string(-from - kPortion),
                                          std::to_string(-from - 1), kWaiting};
    const RedisReply reply = co_await run("keep_alive", std::move(arguments), cancel);
    if (reply.integer < kPortion) co_return;
  }
}

Task<std::vector<Untold>> Queue::take_untold(int most, Millis hold, Cancel& cancel) {
  std::vector<std::string> arguments = {std::to_string(most), std::to_string(hold.count())};
  const RedisReply reply = co_await run("take_untold", std::move(arguments), cancel);
  std::vector<Untold> letters;
  for (std::size_t i = 0; i + 4 < reply.items.size(); i += 5) {
    Untold letter;
    letter.id = reply.items[i].text;
    letter.body = reply.items[i + 1].text;
    letter.kind = reply.items[i + 2].text;
    letter.cause = reply.items[i + 3].text;
    letter.at = reply.items[i + 4].text;
    letters.push_back(std::move(letter));
  }
  co_return letters;
}

Task<bool> Queue::telling(const Untold& letter, Millis telling, Millis hold, Cancel& cancel) {
  std::vector<std::string> arguments = {letter.id, letter.at, std::to_string(telling.count()),
                                        std::to_string(hold.count())};
  const RedisReply reply = co_await run("telling", std::move(arguments), cancel);
  co_return reply.integer == 1;
}

Task<> Queue::told(const Untold& letter, const std::string& why_not, Cancel& cancel) {
  std::vector<std::string> arguments = {letter.id, letter.at, why_not.empty() ? "1" : why_not};
  co_await persist("told", std::move(arguments), cancel);
}

}  // namespace ryumem
