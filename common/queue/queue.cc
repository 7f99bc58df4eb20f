#include "common/queue/queue.h"

#include <spdlog/spdlog.h>

#include "common/async/timer.h"
#include "common/base/backoff.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "common/queue/lua_source.h"

namespace ryumem {
namespace {

// How long the peers keep a body, in seconds: a day while it waits or is worked on, an hour after.
constexpr const char* kWaiting = "86400";
constexpr const char* kEnded = "3600";

// How often an unanswered BLMOVE is renewed: the server's side of noticing a dead connection.
constexpr int kWatchSeconds = 5;

[[noreturn]] void unexpected(const std::string& command, const RedisReply& reply) {
  throw Failure(Kind::outage, "Redis answered " + command + " with " +
                                  (reply.is_error() ? excerpt(reply.text, 200) : "another type") +
                                  "; check its version (6.2 or newer) and the types of its keys");
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

}  // namespace

Queue::Queue(Redis& redis, Keys keys, std::string owner)
    : redis_(redis), keys_(std::move(keys)), owner_(std::move(owner)) {}

Task<std::vector<Claim>> Queue::claim(int most, Cancel& cancel) {
  const std::string batch = owner_ + ":" + std::to_string(++claims_) + ":";
  std::vector<std::string> keys = {keys_.pending(), keys_.processing(), keys_.owners()};
  std::vector<std::string> arguments = {std::to_string(most), keys_.job_prefix(), batch};
  RedisReply reply;
  std::optional<Failure> in_doubt;
  try {
    reply = co_await run("claim", std::move(keys), std::move(arguments), cancel);
  } catch (const Failure& failure) {
    if (failure.kind() != Kind::transient) throw;
    in_doubt = failure;
  }
  if (in_doubt) {
    // The script may have run, and its reply with the ids is lost: put back what it took.
    const std::int64_t returned = co_await reclaim(batch, cancel);
    spdlog::info("a claim was interrupted ({}); {} jobs were put back", in_doubt->what(), returned);
    co_return std::vector<Claim>();
  }
  if (reply.type != RedisReply::Type::array) unexpected("claim", reply);
  std::vector<Claim> claims;
  for (std::size_t i = 0; i + 2 < reply.items.size(); i += 3) {
    Claim claim;
    claim.id = reply.items[i].text;
    claim.token = batch + std::to_string(i / 3 + 1);
    if (!reply.items[i + 1].is_nil()) claim.body = reply.items[i + 1].text;
    claim.trouble = reply.items[i + 2].text;
    claims.push_back(std::move(claim));
  }
  co_return claims;
}

Task<Settled> Queue::start(const Job& job, const std::string& token, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.owners(), keys_.job(job.id)};
  std::vector<std::string> arguments = {job.id, token,
                                        body_with(job, "processing", job.retry_count), kWaiting};
  co_return co_await settle("start", std::move(keys), std::move(arguments), cancel);
}

Task<Settled> Queue::complete(const Job& job, const std::string& token, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.owners(), keys_.job(job.id), keys_.processing()};
  std::vector<std::string> arguments = {job.id, token, body_with(job, "completed", job.retry_count),
                                        kEnded};
  co_return co_await settle("finish", std::move(keys), std::move(arguments), cancel);
}

Task<Settled> Queue::fail(const Job& job, const std::string& token, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.owners(), keys_.job(job.id), keys_.processing()};
  std::vector<std::string> arguments = {job.id, token,
                                        body_with(job, "failed", job.retry_count + 1), kEnded};
  co_return co_await settle("finish", std::move(keys), std::move(arguments), cancel);
}

Task<Settled> Queue::retry(const Job& job, const std::string& token, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.owners(), keys_.job(job.id), keys_.processing(),
                                   keys_.pending()};
  std::vector<std::string> arguments = {
      job.id, token, body_with(job, "pending", job.retry_count + 1), kWaiting, "back"};
  co_return co_await settle("requeue", std::move(keys), std::move(arguments), cancel);
}

Task<Settled> Queue::give_back(const Job& job, const std::string& token, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.owners(), keys_.job(job.id), keys_.processing(),
                                   keys_.pending()};
  std::vector<std::string> arguments = {job.id, token, body_with(job, "pending", job.retry_count),
                                        kWaiting, "front"};
  co_return co_await settle("requeue", std::move(keys), std::move(arguments), cancel);
}

Task<Settled> Queue::set_aside(const std::string& id, const std::string& token, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.owners(), keys_.job(id), keys_.processing()};
  std::vector<std::string> arguments = {id, token};
  co_return co_await settle("set_aside", std::move(keys), std::move(arguments), cancel);
}

Task<std::int64_t> Queue::reclaim(const std::string& token_prefix, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.owners(), keys_.processing(), keys_.pending()};
  std::vector<std::string> arguments = {token_prefix};
  const RedisReply reply =
      co_await persist("reclaim", std::move(keys), std::move(arguments), cancel);
  co_return reply.integer;
}

Task<> Queue::enqueue(const Job& job, Cancel& cancel) {
  std::vector<std::string> keys = {keys_.job(job.id), keys_.pending()};
  std::vector<std::string> arguments = {job.id, new_body(job), kWaiting};
  co_await run("enqueue", std::move(keys), std::move(arguments), cancel);
}

Task<Depths> Queue::depths(Cancel& cancel) {
  std::vector<std::string> keys = {keys_.pending(), keys_.processing()};
  const RedisReply reply =
      co_await run("depths", std::move(keys), std::vector<std::string>(), cancel);
  if (reply.items.size() != 2) unexpected("depths", reply);
  Depths depths;
  depths.pending = reply.items[0].integer;
  depths.processing = reply.items[1].integer;
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
Task<RedisReply> Queue::run(std::string script, std::vector<std::string> keys,
                            std::vector<std::string> arguments, Cancel& cancel) {
  RedisCommand command = {"EVAL", std::string(lua_source(script)), std::to_string(keys.size())};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  RedisReply reply = co_await redis_.command(std::move(command), cancel);
  if (reply.is_error()) unexpected(script, reply);
  co_return reply;
}

Task<RedisReply> Queue::persist(std::string script, std::vector<std::string> keys,
                                std::vector<std::string> arguments, Cancel& cancel) {
  constexpr Millis kFirstPause{50};
  constexpr Millis kLongestPause{2000};
  Backoff backoff(kFirstPause, kLongestPause);
  for (bool sent_before = false;; sent_before = true) {
    try {
      RedisReply reply = co_await run(script, keys, arguments, cancel);
      reply.repeated = sent_before;
      co_return reply;
    } catch (const Failure& failure) {
      cancel.throw_if_requested();
      if (failure.kind() != Kind::transient && failure.kind() != Kind::outage) throw;
      spdlog::warn("{} {} is not written yet: {}", script, arguments[0], failure.what());
    }
    const Millis pause = backoff.next();
    co_await Sleep(pause, cancel);
  }
}

Task<Settled> Queue::settle(std::string script, std::vector<std::string> keys,
                            std::vector<std::string> arguments, Cancel& cancel) {
  const RedisReply reply =
      co_await persist(std::move(script), std::move(keys), std::move(arguments), cancel);
  if (reply.integer == 1) co_return Settled::done;
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
