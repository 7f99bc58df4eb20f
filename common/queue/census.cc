#include "common/queue/census.h"

#include <algorithm>
#include <utility>

#include "common/base/json.h"
#include "common/queue/unexpected.h"

namespace ryumem {
namespace {

// How much one command reads: Redis does nothing else meanwhile.
constexpr int kIds = 2000;
constexpr std::size_t kBodies = 32;

struct TypedKey {
  std::string name;
  const char* type;
};

std::vector<TypedKey> typed_keys(const Keys& keys) {
  return {{keys.pending(), "list"}, {keys.processing(), "list"}, {keys.owners(), "hash"},
          {keys.leases(), "zset"},  {keys.delayed(), "zset"},    {keys.dead(), "zset"},
          {keys.untold(), "zset"},  {keys.strangers(), "hash"},  {keys.paused(), "hash"},
          {keys.parked(), "zset"}};
}

// The prefix as a pattern that matches nothing but itself.
std::string pattern_of(const std::string& prefix) {
  std::string pattern;
  for (const char c : prefix) {
    if (std::string_view("*?[]\\^").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern + "*";
}

// `items` of one of the SCAN commands: the next cursor, then the elements.
const std::vector<RedisReply>& elements_of(const std::string& command, const RedisReply& reply) {
  if (reply.items.size() != 2) unexpected(command, reply);
  return reply.items[1].items;
}

bool says_it_ended(const std::string& body) {
  try {
    const JsonDocument document = JsonDocument::parse(body);
    const std::string_view status = document.root()["status"].string().value_or("");
    return status == "completed" || status == "failed";
  } catch (const Failure&) {
    return false;  // to be looked at
  }
}

}  // namespace

Task<Census> Census::take(Redis& redis, const Keys& keys, Cancel& cancel) {
  Census census;
  co_await census.check_types(redis, keys, cancel);
  if (!census.wrong_keys_.empty()) co_return census;
  const Mark pending = [](Seen& seen) { ++seen.pending; };
  const Mark processing = [](Seen& seen) { ++seen.processing; };
  const Mark delayed = [](Seen& seen) { seen.delayed = true; };
  const Mark parked = [](Seen& seen) { seen.parked = true; };
  const Mark dead = [](Seen& seen) { seen.dead = true; };
  const Mark untold = [](Seen& seen) { seen.untold = true; };
  const Mark owner = [](Seen& seen) { seen.owner = true; };
  const Mark lease = [](Seen& seen) { seen.lease = true; };
  co_await census.read_list(redis, keys.pending(), pending, cancel);
  co_await census.read_list(redis, keys.processing(), processing, cancel);
  co_await census.read_scanned(redis, "HSCAN", keys.owners(), owner, cancel);
  co_await census.read_scanned(redis, "ZSCAN", keys.leases(), lease, cancel);
  co_await census.read_scanned(redis, "ZSCAN", keys.delayed(), delayed, cancel);
  co_await census.read_scanned(redis, "ZSCAN", keys.parked(), parked, cancel);
  co_await census.read_scanned(redis, "ZSCAN", keys.dead(), dead, cancel);
  co_await census.read_scanned(redis, "ZSCAN", keys.untold(), untold, cancel);
  const Mark body_key = [](Seen& seen) { seen.body_key = true; };
  const Mark journal_key = [](Seen& seen) { seen.journal_key = true; };
  const Mark letter_key = [](Seen& seen) { seen.letter_key = true; };
  const Mark body = [](Seen& seen) { seen.body = true; };
  const Mark journal = [](Seen& seen) { seen.journal = true; };
  const Mark letter = [](Seen& seen) { seen.letter = true; };
  co_await census.read_keys(redis, keys.job_prefix(), "", body_key, cancel);
  co_await census.read_keys(redis, keys.job_prefix(), "string", body, cancel);
  co_await census.read_keys(redis, keys.journal_prefix(), "", journal_key, cancel);
  co_await census.read_keys(redis, keys.journal_prefix(), "hash", journal, cancel);
  co_await census.read_keys(redis, keys.letter_prefix(), "", letter_key, cancel);
  co_await census.read_keys(redis, keys.letter_prefix(), "hash", letter, cancel);
  co_await census.read_endings(redis, keys, cancel);
  co_await census.read_telling(redis, keys, cancel);
  co_return census;
}

Task<> Census::check_types(Redis& redis, const Keys& keys, Cancel& cancel) {
  for (const TypedKey& key : typed_keys(keys)) {
    RedisCommand command = {"TYPE", key.name};
    const RedisReply reply = co_await redis.command(std::move(command), cancel);
    if (reply.text == key.type || reply.text == "none") continue;
    Finding finding;
    finding.id = key.name;
    finding.code = "wrong-type";
    finding.what = "the key is a " + reply.text + ", not a " + key.type;
    finding.remedy = "look at it, then rename it: nothing of the queue works meanwhile";
    wrong_keys_.push_back(std::move(finding));
  }
}

// From the left: producers push there, so that what shifts meanwhile is seen twice, not missed.
Task<> Census::read_list(Redis& redis, std::string key, Mark mark, Cancel& cancel) {
  for (int from = 0;; from += kIds) {
    RedisCommand command = {"LRANGE", key, std::to_string(from), std::to_string(from + kIds - 1)};
    const RedisReply reply = co_await redis.command(std::move(command), cancel);
    if (reply.is_error()) unexpected("LRANGE", reply);
    for (const RedisReply& item : reply.items) mark(ids_[item.text]);
    if (reply.items.size() < kIds) co_return;
  }
}

Task<> Census::read_scanned(Redis& redis, std::string verb, std::string key, Mark mark,
                            Cancel& cancel) {
  std::string cursor = "0";
  do {
    RedisCommand command = {verb, key, cursor, "COUNT", std::to_string(kIds)};
    const RedisReply reply = co_await redis.command(std::move(command), cancel);
    const std::vector<RedisReply>& pairs = elements_of(verb, reply);
    for (std::size_t i = 0; i < pairs.size(); i += 2) mark(ids_[pairs[i].text]);
    cursor = reply.items[0].text;
  } while (cursor != "0");
}

Task<> Census::read_keys(Redis& redis, std::string prefix, std::string type, Mark mark,
                         Cancel& cancel) {
  std::string cursor = "0";
  do {
    RedisCommand command = {
        "SCAN", cursor, "MATCH", pattern_of(prefix), "COUNT", std::to_string(kIds)};
    if (!type.empty()) command.insert(command.end(), {"TYPE", type});
    const RedisReply reply = co_await redis.command(std::move(command), cancel);
    for (const RedisReply& key : elements_of("SCAN", reply))
      mark(ids_[key.text.substr(prefix.size())]);
    cursor = reply.items[0].text;
  } while (cursor != "0");
}

// Of the bodies whose ids are in no place, nearly all are those of the last hour's finished jobs.
Task<> Census::read_endings(Redis& redis, const Keys& keys, Cancel& cancel) {
  std::vector<std::pair<std::string, Seen*>> nowhere;
  for (auto& [id, seen] : ids_)
    if (seen.places() == 0 && seen.body) nowhere.emplace_back(id, &seen);
  for (std::size_t from = 0; from < nowhere.size(); from += kBodies) {
    const std::size_t end = std::min(from + kBodies, nowhere.size());
    RedisCommand command = {"MGET"};
    for (std::size_t i = from; i < end; ++i) command.push_back(keys.job(nowhere[i].first));
    const RedisReply reply = co_await redis.command(std::move(command), cancel);
    for (std::size_t i = from; i < end && i - from < reply.items.size(); ++i)
      nowhere[i].second->ended = says_it_ended(reply.items[i - from].text);
  }
}

Task<> Census::read_telling(Redis& redis, const Keys& keys, Cancel& cancel) {
  for (auto& [id, seen] : ids_) {
    if (!seen.dead || !seen.letter || seen.untold) continue;
    RedisCommand command = {"HGET", keys.letter(id), "told"};
    const RedisReply reply = co_await redis.command(std::move(command), cancel);
    seen.to_be_told = reply.text == "0";
  }
}

bool Census::Seen::in_order() const {
  if (body_key != body || journal_key != journal || letter_key != letter) return false;
  if (places() > 1) return false;
  if (dead) return letter && !owner && !lease && !to_be_told;
  if (letter || untold) return false;
  if (places() == 0) return body && ended && !owner && !lease && !journal;
  if (processing == 1) return body && owner == lease;
  return body && !owner && !lease;
}

std::vector<std::string> Census::suspects() const {
  std::vector<std::string> ids;
  for (const auto& [id, seen] : ids_)
    if (!seen.in_order()) ids.push_back(id);
  return ids;
}

void Census::count(AuditReport& report) const {
  for (const auto& [id, seen] : ids_) {
    report.pending += seen.pending > 0;
    report.processing += seen.processing > 0;
    report.ours += seen.processing > 0 && seen.owner;
    report.delayed += seen.delayed;
    report.parked += seen.parked;
    report.dead += seen.dead;
    report.bodies += seen.body_key;
    report.journals += seen.journal_key;
    report.letters += seen.letter_key;
  }
}

}  // namespace ryumem
