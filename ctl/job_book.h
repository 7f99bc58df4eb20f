// The jobs in Redis, wherever they are, for an operator to look at and decide about.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/queue/queue.h"

namespace ryumem {

/// The states that jobs can be listed by, as words.
inline constexpr std::string_view kListedStates[] = {"pending", "processing", "delayed", "parked",
                                                     "dead"};

/// What a list says of a job.
struct JobRow {
  std::string id;
  std::string customer_id;  // these are empty if the body cannot be read or is too long to be read
  std::string user_id;      // for a list
  std::string created_at;
  std::int64_t attempts = 0;  // that failed, by the body's count
  std::int64_t bytes = 0;     // of the body
  std::string when;   // ms, as text: of the lease, the due time, the parking or the death; or ""
  std::string owner;  // the token of whoever has it in hand; "" of a Python worker's

  JobRow() = default;
};

struct JobPage {
  std::int64_t total = 0;  // jobs in that state
  std::vector<JobRow> rows;
  bool more = false;  // after these
  JobPage() = default;
};

/// What part of a list is wanted.
struct JobFilter {
  std::string state;
  std::string customer_id;  // of this customer only, if it is not empty
  std::int64_t offset = 0;
  std::int64_t limit = 50;  // 0: all
  JobFilter() = default;
};

/// All that Redis knows of one job.
struct WholeJob {
  std::string id;
  std::string body_type;  // of the key: "string", "none", …
  std::string body;       // with the tenant's key in it
  std::int64_t body_seconds = -1;
  std::string position;  // in the pending list, 0 is next; these are "" if it is not there
  bool processing = false;
  std::string owner;
  std::string lease;    // ms, as text
  std::string due;      // likewise
  std::string parked;   // since when, likewise
  std::string died;     // likewise
  std::string handled;  // since when a Python worker has it, likewise
  bool untold = false;
  std::int64_t now = 0;
  std::map<std::string, std::string> journal;
  std::map<std::string, std::string> letter;

  WholeJob() = default;
  /// Is there anything at all?
  bool known() const;
  /// Where it is: one of kListedStates, or "" if it is in no place.
  std::string_view state() const;
};

class JobBook {
 public:
  /// `queue` outlives it. All functions throw Failure(Kind::transient) when Redis does not answer.
  explicit JobBook(Queue& queue) : queue_(queue) {}

  /// In the order in which they come up; jobs may move while it is read.
  Task<JobPage> list(JobFilter filter, Cancel& cancel);
  Task<WholeJob> find(std::string id, Cancel& cancel);
  /// Into a dead letter of kind "cancelled", from wherever it waits or is worked on; the server is
  /// told. Gives why it was not done, or nothing.
  Task<std::string> cancel_job(std::string id, std::string cause, Cancel& cancel);
  /// Delayed or dead -> pending, now. Gives why it was not done, or nothing.
  Task<std::string> retry(std::string id, Cancel& cancel);

 private:
  Task<JobPage> portion(const JobFilter& filter, std::int64_t from, std::int64_t count,
                        Cancel& cancel);
  Queue& queue_;
};

}  // namespace ryumem
