// Is every job in exactly one place? The proof, on a Redis that others go on working with, and the
// mending of what is not so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/queue/queue.h"

namespace ryumem {

/// One thing that is wrong with one job, or with a key of the queue itself.
struct Finding {
  std::string id;      // of the job, or the name of the key
  std::string code;    // what it is, in one word: the list is in scripts/audit_one.lua
  std::string what;    // the same for people
  std::string remedy;  // what a repair does, or what people have to do
  bool mendable = false;
  std::string mark;  // what has to be the same for it to be the same finding
  bool mended = false;

  Finding() = default;
};

/// What there is, and what was found. The counts are those of the gathering, during which jobs may
/// have moved.
struct AuditReport {
  std::int64_t pending = 0;
  std::int64_t processing = 0;
  std::int64_t ours = 0;  // of the processing ones, those with an owner
  std::int64_t delayed = 0;
  std::int64_t parked = 0;
  std::int64_t dead = 0;
  std::int64_t bodies = 0;
  std::int64_t journals = 0;
  std::int64_t letters = 0;
  std::int64_t looked_at = 0;  // ids that had to be looked at one by one
  std::vector<Finding> findings;

  AuditReport() = default;
  /// Findings that are still so.
  std::int64_t left() const;
};

class Audit {
 public:
  /// All outlive it. A Python worker moves a job in several steps, between which it looks lost:
  /// what was found is looked at again after `grace`, and counts only if it is still the same.
  Audit(Queue& queue, Redis& redis, Millis grace);

  /// Gathers all ids from everywhere, in portions; then looks at each that may be wrong by one
  /// script, which sees all its places at one moment. With `repair`, mends what can be mended
  /// without losing a job, each by one script that looks once more. Throws Failure(Kind::transient)
  /// when Redis stops answering: what was mended until then stays mended.
  Task<AuditReport> run(bool repair, Cancel& cancel);

 private:
  Task<std::vector<Finding>> look_at(std::string id, Cancel& cancel);
  Task<std::vector<Finding>> confirmed(std::vector<std::string> suspects, Cancel& cancel);
  Task<> mend(std::vector<Finding>& findings, Cancel& cancel);
  Task<bool> mend_one(const Finding& finding, Cancel& cancel);

  Queue& queue_;
  Redis& redis_;
  Millis grace_;
};

}  // namespace ryumem
