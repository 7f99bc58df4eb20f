#include "common/queue/queue.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/async/timer.h"
#include "common/base/backoff.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "common/queue/lua_source.h"
#include "common/queue/unexpected.h"

namespace ryumem {
namespace {

// How often an unanswered BLMOVE is renewed: the server's side of noticing a dead connection.
constexpr int kWatchSeconds = 5;

// What note.lua and forget.lua give.
constexpr std::int64_t kNoJournal = 2;
Failure not_a_journal(const std::string& key, const std::string& id) {
  return Failure(Kind::gone, "what is under " + key +
                                 " is no hash, so nothing can be noted of the job; it is set "
                                 "aside as " +
                                 key + ":odd: look at it, delete it, then ryumemctl dead retry " +
                                 id);
}

JobStatus status_in(const std::string& body) {
  try {
    const JsonDocument document = JsonDocument::parse(body);
    const auto status = document.root()["status"].string().value_or("");
    if (status == "pending") return JobStatus::pending;
    if (status == "processing") return JobStatus::processing;
    if (status == "completed") return JobStatus::completed;
    if (status == "failed") return JobStatus::failed;
  } catch (const Failure&) {
    // Not for us to judge here.
  }
  return JobStatus::unknown;
}

// Four replies for each id: see claim.lua.
Claim read_claim(const std::vector<RedisReply>& items, std::size_t at, const std::string& batch) {
  Claim claim;
  claim.id = items[at].text;
  claim.token = batch + std::to_string(at / 4 + 1);
  if (!items[at + 1].is_nil()) claim.body = items[at + 1].text;
  claim.trouble = items[at + 2].text;
  const std::vector<RedisReply>& journal = items[at + 3].items;
  for (std::size_t i = 0; i + 1 < journal.size(); i += 2)
    claim.journal[journal[i].text] = journal[i + 1].text;
  return claim;
}

}  // namespace

Queue::Queue(Redis& redis, Keys keys, std::string owner, Millis lease)
    : redis_(redis), keys_(std::move(keys)), owner_(std::move(owner)), lease_(lease) {}

// A claim whose reply did not come in time may have been too large for the link: then fewer are
// claimed at once, down to one, and one more each time that it goes well.
Task<std::vector<Claim>> Queue::claim(int most, Cancel& cancel) {
  most = std::min(most, most_at_once_);
  const std::string batch = owner_ + ":" + std::to_string(++claims_) + ":";
  std::vector<std::string> arguments = {std::to_string(most), batch,
                                        std::to_string(lease_.count())};
  arguments.insert(arguments.end(), pausable_by_.begin(), pausable_by_.end());
  RedisReply reply;
  std::optional<Failure> in_doubt;
  try {
    reply = co_await run("claim", std::move(arguments), cancel);
  } catch (const Failure& failure) {
    if (failure.kind() != Kind::transient) throw;
    in_doubt = failure;
  }
  std::vector<Claim> claims;
  if (in_doubt) {
    most_at_once_ = std::max(1, most / 2);
    // The script may have run, and its reply with the ids is lost: put back what it took.
    const TakenBack back = co_await reclaim(batch, false, cancel);
    spdlog::info("a claim was interrupted ({}); {} jobs were put back", in_doubt->what(),
                 back.requeued);
    co_return claims;
  }
  if (most_at_once_ < kMostAtOnce) ++most_at_once_;
  for (std::size_t i = 0; i + 3 < reply.items.size(); i += 4)
    claims.push_back(read_claim(reply.items, i, batch));
  co_return claims;
}

Task<std::vector<std::string>> Queue::renew(const std::map<std::string, std::string>& tokens_by_id,
                                            Cancel& cancel) {
  std::vector<std::string> arguments = {std::to_string(lease_.count())};
  for (const auto& [id, token] : tokens_by_id) {
    arguments.push_back(id);
    arguments.push_back(token);
  }
  const RedisReply reply = co_await run("renew", std::move(arguments), cancel);
  std::vector<std::string> lost;
  for (const RedisReply& item : reply.items) lost.push_back(item.text);
  co_return lost;
}

Task<Settled> Queue::start(const Job& job, const std::string& token, Cancel& cancel) {
  std::vector<std::string> arguments = {job.id, token,
                                        body_with(job, "processing", job.retry_count), kWaiting};
  co_return co_await settle("start", std::move(arguments), cancel);
}

Task<Settled> Queue::note(const std::string& id, const std::string& token, std::string field,
                          std::string value, std::optional<std::string> still_asked,
                          Cancel& cancel) {
  std::vector<std::string> arguments = {id, token, field, value};
  if (still_asked) arguments.push_back(*still_asked);
  co_return co_await settle("note", std::move(arguments), cancel);
}

Task<Settled> Queue::forget(const std::string& id, const std::string& token, std::string field,
                            Cancel& cancel) {
  std::vector<std::string> arguments = {id, token, field};
  co_return co_await settle("forget", std::move(arguments), cancel);
}

Task<Settled> Queue::complete(const Job& job, const std::string& token, Cancel& cancel) {
  std::vector<std::string> arguments = {job.id, token, body_with(job, "completed", job.retry_count),
                                        kEnded};
  co_return co_await settle("complete", std::move(arguments), cancel);
}

Task<Settled> Queue::delay(const Job& job, const std::string& token, Millis delay,
                           std::string record, Cancel& cancel) {
  const int attempt = job.retry_count + 1;
  std::vector<std::string> arguments = {job.id,
                                        token,
                                        body_with(job, "pending", attempt),
                                        std::to_string(delay.count()),
                                        std::to_string(attempt),
                                        record};
  co_return co_await settle("delay", std::move(arguments), cancel);
}

Task<Settled> Queue::give_back(const Job& job, const std::string& token, bool to_front,
                               Cancel& cancel) {
  std::vector<std::string> arguments = {job.id, token, body_with(job, "pending", job.retry_count),
                                        kWaiting, to_front ? "front" : "back"};
  co_return co_await settle("give_back", std::move(arguments), cancel);
}

Task<Settled> Queue::bury(const Job& job, const std::string& token, const Burial& burial,
                          Cancel& cancel) {
  std::vector<std::string> arguments = {
      job.id,      token,        body_with(job, "failed", burial.attempt), kEnded,
      burial.kind, burial.cause, std::to_string(burial.attempt),           burial.record};
  co_return co_await settle("bury", std::move(arguments), cancel);
}

Task<Settled> Queue::bury_unreadable(const std::string& id, const std::string& token,
                                     const Burial& burial, Cancel& cancel) {
  std::vector<std::string> arguments = {
      id,           token, "", kEnded, burial.kind, burial.cause, std::to_string(burial.attempt),
      burial.record};
  co_return co_await settle("bury", std::move(arguments), cancel);
}

Task<> Queue::enqueue(const Job& job, Cancel& cancel) {
  std::vector<std::string> arguments = {job.id, new_body(job), kWaiting};
  co_await run("enqueue", std::move(arguments), cancel);
}

Task<Depths> Queue::depths(Cancel& cancel) {
  const RedisReply reply = co_await run("depths", std::vector<std::string>(), cancel);
  if (reply.items.size() < 7) unexpected("depths", reply);
  Depths depths;
  depths.pending = reply.items[0].integer;
  depths.processing = reply.items[1].integer;
  depths.delayed = reply.items[2].integer;
  depths.dead = reply.items[3].integer;
  depths.untold = reply.items[4].integer;
  depths.parked = reply.items[5].integer;
  if (depths.pending == 0) depths.oldest_pending = 0;
  for (std::size_t i = 7; i < reply.items.size(); ++i) {
    const std::optional<std::int64_t> made = timestamp_ms(reply.items[i].text);
    if (!made) continue;
    const double age = static_cast<double>(reply.items[6].integer - *made) / 1000;
    depths.oldest_pending = std::max(depths.oldest_pending.value_or(0), age);
  }
  co_return depths;
}

Task<JobStatus> Queue::status(const std::string& id, Cancel& cancel) {
  RedisCommand command = {"GET", keys_.job(id)};
  const RedisReply reply = co_await redis_.command(std::move(command), cancel);
  if (reply.type != RedisReply::Type::string) co_return JobStatus::unknown;
  co_return status_in(reply.text);
}

// The source is sent with each call: Redis compiles it once, a few hundred bytes more per call do
// not count beside a job, and a Redis that was restarted needs no special case.
Task<RedisReply> Queue::run(std::string script, std::vector<std::string> arguments,
                            Cancel& cancel) {
  const std::vector<std::string> keys = keys_.of_scripts();
  const std::vector<std::string> prefixes = keys_.prefixes();
  RedisCommand command = {"EVAL",
                          std::string(lua_source("prelude")) + std::string(lua_source(script)),
                          std::to_string(keys.size())};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), prefixes.begin(), prefixes.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  RedisReply reply = co_await redis_.command(std::move(command), cancel);
  if (reply.is_error()) unexpected(script, reply);
  co_return reply;
}

Task<RedisReply> Queue::persist(std::string script, std::vector<std::string> arguments,
                                Cancel& cancel) {
  constexpr Millis kFirstPause{50};
  constexpr Millis kLongestPause{2000};
  Backoff backoff(kFirstPause, kLongestPause);
  bool said = false;
  for (bool sent_before = false;; sent_before = true) {
    try {
      RedisReply reply = co_await run(script, arguments, cancel);
      reply.repeated = sent_before;
      co_return reply;
    } catch (const Failure& failure) {
      cancel.throw_if_requested();
      if (failure.kind() != Kind::transient && failure.kind() != Kind::outage) throw;
      // An operator has to mend it, and nothing else says what our jobs wait for.
      if (failure.kind() == Kind::outage && !std::exchange(said, true))
        spdlog::warn("{} of {} is not written until Redis takes it: {}", script, arguments[0],
                     failure.what());
      spdlog::debug("{} {} is not written yet: {}", script, arguments[0], failure.what());
    }
    const Millis pause = backoff.next();
    co_await Sleep(pause, cancel);
  }
}

Task<Settled> Queue::settle(std::string script, std::vector<std::string> arguments,
                            Cancel& cancel) {
  const std::string id = arguments.at(0);
  const RedisReply reply = co_await persist(std::move(script), std::move(arguments), cancel);
  if (reply.integer == 1) co_return Settled::done;
  if (reply.integer == kNoJournal) throw not_a_journal(keys_.journal(id), id);
  co_return reply.repeated ? Settled::in_doubt : Settled::not_ours;
}

Task<> wait_for_work(Redis& connection, const Keys& keys, Cancel& cancel) {
  RedisCommand command = {"BLMOVE", keys.pending(), keys.pending(),
                          "RIGHT",  "RIGHT",        std::to_string(kWatchSeconds)};
  const RedisReply reply =
      co_await connection.blocking_command(std::move(command), Seconds(kWatchSeconds), cancel);
  if (reply.is_error()) unexpected("BLMOVE", reply);
}

}  // namespace ryumem
