// The life of a job in Redis. One function per transition, each a single Lua script, so that no
// crash between two commands can lose a job. docs/job-states.md has the table.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/redis.h"
#include "common/queue/job.h"
#include "common/queue/keys.h"

namespace ryumem {

/// How many jobs wait and how many are in somebody's hands, as the server counts them.
struct Depths {
  std::int64_t pending = 0;
  std::int64_t processing = 0;
  Depths() = default;
};

/// What a job's body says of it; unknown when there is no readable body.
enum class JobStatus { pending, processing, completed, failed, unknown };

/// An id taken from the pending list, with the job's body as it was found.
struct Claim {
  std::string id;
  std::string token;                // proves to later scripts that the job is still ours
  std::optional<std::string> body;  // nothing: there is no body
  std::string trouble;              // why there is none, e.g. a key of the wrong type

  Claim() = default;
};

/// What became of a transition. `not_ours`: another owner has the job, nothing was written.
/// `in_doubt`: the connection broke while the script was on its way, and when it was sent again the
/// job was no longer ours, most likely because the first one had arrived.
enum class Settled { done, not_ours, in_doubt };

class Queue {
 public:
  /// `owner` names this process in the tokens of its claims; it must be unique among all that live.
  Queue(Redis& redis, Keys keys, std::string owner);

  /// Moves up to `most` of the oldest pending ids to the processing list, each with a token of its
  /// own, and gives them with their bodies. If the connection breaks meanwhile, what it took is put
  /// back as soon as Redis answers, and nothing is given. Throws Failure(Kind::outage) when Redis
  /// refuses, e.g. because a key is of the wrong type.
  Task<std::vector<Claim>> claim(int most, Cancel& cancel);

  // The transitions of a claimed job. Each waits for Redis as long as it takes, since work that is
  // done must be written down; only a request of `cancel` ends the wait.

  /// The body says `processing`, its day begins anew.
  Task<Settled> start(const Job& job, const std::string& token, Cancel& cancel);
  /// Processing -> completed: out of the list, the body says so and stays for an hour.
  Task<Settled> complete(const Job& job, const std::string& token, Cancel& cancel);
  /// Processing -> pending, at the back, with one attempt more on its count.
  Task<Settled> retry(const Job& job, const std::string& token, Cancel& cancel);
  /// Processing -> failed: out of the list, the body says so and stays for an hour.
  Task<Settled> fail(const Job& job, const std::string& token, Cancel& cancel);
  /// Processing -> pending, at the front, no attempt counted: we did not get to it.
  Task<Settled> give_back(const Job& job, const std::string& token, Cancel& cancel);
  /// Processing -> set aside: an id without a readable job leaves the list; what is under its key
  /// stays there, without a time limit, for an operator to see.
  Task<Settled> set_aside(const std::string& id, const std::string& token, Cancel& cancel);

  /// Processing -> pending, at the front, for all jobs whose token begins with `token_prefix`: what
  /// a process held that is no more. Gives how many. Waits for Redis like the others.
  Task<std::int64_t> reclaim(const std::string& token_prefix, Cancel& cancel);

  /// What a producer does: stores the body for a day and puts the id on the pending list.
  Task<> enqueue(const Job& job, Cancel& cancel);

  Task<Depths> depths(Cancel& cancel);
  Task<JobStatus> status(const std::string& id, Cancel& cancel);

 private:
  Task<RedisReply> run(std::string script, std::vector<std::string> keys,
                       std::vector<std::string> arguments, Cancel& cancel);
  Task<RedisReply> persist(std::string script, std::vector<std::string> keys,
                           std::vector<std::string> arguments, Cancel& cancel);
  Task<Settled> settle(std::string script, std::vector<std::string> keys,
                       std::vector<std::string> arguments, Cancel& cancel);

  Redis& redis_;
  Keys keys_;
  std::string owner_;
  std::uint64_t claims_ = 0;
};

/// Waits until there is something in the pending list, for a few seconds at most; the caller then
/// claims, and waits again if it got nothing. `connection` must be one of its own, since it blocks
/// there in BLMOVE, which rotates the list onto itself and so changes nothing.
/// Throws Failure(Kind::transient) when the connection breaks.
Task<> wait_for_work(Redis& connection, const Keys& keys, Cancel& cancel);

}  // namespace ryumem
