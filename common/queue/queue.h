// The life of a job in Redis. One function per transition, each a single Lua script, so that no
// crash between two commands can lose a job. docs/job-states.md has the table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/redis.h"
#include "common/ops/spending.h"
#include "common/queue/job.h"
#include "common/queue/keys.h"
#include "common/queue/lane.h"

namespace ryumem {

/// How many jobs are where. The first two are what the server counts too.
struct Depths {
  std::int64_t pending = 0;
  std::int64_t processing = 0;
  std::int64_t delayed = 0;
  std::int64_t dead = 0;
  std::int64_t untold = 0;  // dead jobs the server has still to be told of
  std::int64_t parked = 0;  // what may be spent in a day is spent
  /// Age in seconds of the oldest of the jobs that are next, by their `created_at`; 0 if there is
  /// none, nothing if none of them says.
  std::optional<double> oldest_pending;
  Depths() = default;
};

/// What a job's body says of it; unknown when there is no readable body.
enum class JobStatus { pending, processing, completed, failed, unknown };

/// An id taken from the pending list, with the job's body and journal as they were found.
struct Claim {
  std::string id;
  std::string token;                // proves to later scripts that the job is still ours
  std::optional<std::string> body;  // nothing: there is no body
  std::string trouble;              // why there is none, e.g. a key of the wrong type
  std::map<std::string, std::string> journal;

  Claim() = default;
};

/// What became of a transition. `not_ours`: another owner has the job, nothing was written.
/// `in_doubt`: the connection broke while the script was on its way, and when it was sent again the
/// job was no longer ours, most likely because the first one had arrived.
enum class Settled { done, not_ours, in_doubt };

/// What became of a job before its first step: it may go on, what may be spent today is spent, or
/// another owner has it.
enum class Parking { go_on, parked, not_ours };

/// Why a job is buried, and which attempt that was.
struct Burial {
  std::string kind;
  std::string cause;
  int attempt = 1;
  std::string record;  // what the journal keeps of the attempt

  Burial() = default;
};

/// A dead job of which the server has to be told.
struct Untold {
  std::string id;
  std::string body;
  std::string kind;
  std::string cause;
  std::string at;  // when it was written: tells it from another letter of the same job
  Untold() = default;
};

/// What taking jobs back has done.
struct TakenBack {
  std::int64_t requeued = 0;
  std::int64_t buried = 0;    // as poison
  std::int64_t in_doubt = 0;  // paid calls that were under way
  TakenBack() = default;
};

class Queue {
 public:
  /// `owner` names this process in the tokens of its claims; it must be unique among all that live.
  /// `lease`: how long a claim holds without being renewed.
  Queue(Redis& redis, Keys keys, std::string owner, Millis lease);

  /// What this process claims jobs for, by the names that a pause may have (pauses.h): while one of
  /// them is paused, claim() gives nothing. Without a call it is a pause of everything.
  void claim_for(std::vector<std::string> names) { pausable_by_ = std::move(names); }

  Millis lease() const { return lease_; }
  const Keys& keys() const { return keys_; }

  /// Moves up to `most` of the oldest pending ids to the processing list, each with a token and a
  /// lease of its own, and gives them with their bodies and journals; no more at once than some 8
  /// MB of these, but always one. If the connection breaks meanwhile, what it took is put back as
  /// soon as Redis answers, nothing is given, and the next claim is for half as many. Throws
  /// Failure(Kind::outage) when Redis refuses, e.g. because a key is of the wrong type.
  Task<std::vector<Claim>> claim(int most, Cancel& cancel);

  /// Renews the leases of jobs in hand, by id and token; gives the ids that are not ours any more.
  /// Throws Failure(Kind::transient) if Redis does not answer: then nothing is known.
  Task<std::vector<std::string>> renew(const std::map<std::string, std::string>& tokens_by_id,
                                       Cancel& cancel);

  // The transitions of a claimed job. Each waits for Redis as long as it takes, since work that is
  // done must be written down; only a request of `cancel` ends the wait. Where a journal or a
  // letter should be and something is that is no hash, delay() and bury() set that aside; note()
  // and forget() throw Failure(Kind::gone), which names the key.

  /// The body says `processing`, its day begins anew.
  Task<Settled> start(const Job& job, const std::string& token, Cancel& cancel);
  /// Writes a field of the journal. `still_asked`: it answers a call that was noted as asked, and
  /// these are the calls that are still under way.
  Task<Settled> note(const std::string& id, const std::string& token, std::string field,
                     std::string value, std::optional<std::string> still_asked, Cancel& cancel);
  /// Removes a field of the journal.
  Task<Settled> forget(const std::string& id, const std::string& token, std::string field,
                       Cancel& cancel);
  /// Processing -> completed: out of the list, the body says so for an hour, the journal is gone.
  Task<Settled> complete(const Job& job, const std::string& token, Cancel& cancel);
  /// Processing -> delayed: due again after `delay`, with one attempt more on its count. `record`
  /// is kept in the journal.
  Task<Settled> delay(const Job& job, const std::string& token, Millis delay, std::string record,
                      Cancel& cancel);
  /// Processing -> pending, no attempt counted; at the front, or at the back.
  Task<Settled> give_back(const Job& job, const std::string& token, bool to_front, Cancel& cancel);
  /// Processing -> dead, and the server is to be told.
  Task<Settled> bury(const Job& job, const std::string& token, const Burial& burial,
                     Cancel& cancel);
  /// Processing -> dead, for an id without a readable job: whatever is under its key is kept.
  Task<Settled> bury_unreadable(const std::string& id, const std::string& token,
                                const Burial& burial, Cancel& cancel);

  /// Processing -> pending, at the front, for all jobs whose token begins with `token_prefix`: what
  /// a process held that is no more. `crashed`: it counts against the jobs, and the third time
  /// buries them. Waits for Redis like the others.
  Task<TakenBack> reclaim(const std::string& token_prefix, bool crashed, Cancel& cancel);

  // What a supervisor does for the whole queue, now and then, beside others of its sort. Each is
  // one script in a bounded portion. Throws when Redis does not answer.

  /// Takes back jobs whose lease ran out.
  Task<TakenBack> expire(Cancel& cancel);
  /// Takes back jobs that a Python worker has had in hand for longer than `timeout`.
  Task<std::int64_t> take_back_strangers(Millis timeout, Cancel& cancel);
  /// Delayed jobs that are due go to the back of the pending list; gives how many.
  Task<std::int64_t> promote(Cancel& cancel);
  /// Gives the bodies of pending jobs their day anew.
  Task<> keep_alive(Cancel& cancel);

  /// Dead jobs of which the server has to be told, for this process to do so within `hold`.
  Task<std::vector<Untold>> take_untold(int most, Millis hold, Cancel& cancel);
  /// The last look before the server hears of it, which takes no longer than `telling`; false:
  /// there is nothing to tell any more. With no time the telling was in vain, and is due again
  /// after `hold`.
  Task<bool> telling(const Untold& letter, Millis telling, Millis hold, Cancel& cancel);
  /// The server knows; or it will not want to, and `why_not` says why.
  Task<> told(const Untold& letter, const std::string& why_not, Cancel& cancel);

  // What is about money: queue_money.cc.

  /// Processing -> parked, if a cap of today is reached and no operator has let the job go on.
  /// Waits for Redis like the other transitions of a claimed job.
  Task<Parking> park_if_capped(const Job& job, const std::string& token, const Caps& caps,
                               Cancel& cancel);
  /// Parked -> pending, at the back, for all whose caps are not reached any more; gives how many.
  Task<std::int64_t> unpark(const Caps& caps, Cancel& cancel);
  /// Parked -> pending, at the front, for one job that no cap is to hold any more, as an operator
  /// wants it; false if it is not parked.
  Task<bool> resume(const std::string& id, Cancel& cancel);
  /// Adds a numbered portion of what a worker has spent to the day's book, once however often it
  /// is sent; false if it was there already. Waits for Redis as long as it takes.
  Task<bool> spend(const std::string& worker, std::int64_t portion, const Spending& spending,
                   Cancel& cancel);
  Task<SpentToday> spent_today(Cancel& cancel);

  /// Says what there is to say of a lane, and gives what may be sent: queue_lanes.cc. Throws when
  /// Redis does not answer.
  Task<LaneReply> ask_lane(const LaneAsk& ask, Cancel& cancel);

  /// What a producer does: stores the body for a day and puts the id on the pending list.
  Task<> enqueue(const Job& job, Cancel& cancel);

  Task<Depths> depths(Cancel& cancel);
  Task<JobStatus> status(const std::string& id, Cancel& cancel);

  /// Runs one of scripts/ by its name, for the operator's tools. Throws Failure(Kind::transient)
  /// when Redis does not answer, Failure(Kind::outage) when it refuses.
  Task<RedisReply> run(std::string script, std::vector<std::string> arguments, Cancel& cancel);

 private:
  Task<RedisReply> persist(std::string script, std::vector<std::string> arguments, Cancel& cancel);
  Task<Settled> settle(std::string script, std::vector<std::string> arguments, Cancel& cancel);

  Redis& redis_;
  Keys keys_;
  std::string owner_;
  Millis lease_;
  std::vector<std::string> pausable_by_ = {"all"};
  std::uint64_t claims_ = 0;
  static constexpr int kMostAtOnce = 1024;
  int most_at_once_ = kMostAtOnce;  // see claim()
};

/// Waits until there is something in the pending list, for a few seconds at most; the caller then
/// claims, and waits again if it got nothing. `connection` must be one of its own, since it blocks
/// there in BLMOVE, which rotates the list onto itself and so changes nothing.
/// Throws Failure(Kind::transient) when the connection breaks.
Task<> wait_for_work(Redis& connection, const Keys& keys, Cancel& cancel);

}  // namespace ryumem
