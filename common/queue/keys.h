// The only place that knows a Redis key. The first four are the peers' (the Ryumem server and the
// Python worker know them); the others are ours and live beside them under the same prefix.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ryumem {

/// How long the peers keep a body, in seconds: a day while it waits or is worked on, an hour after.
inline constexpr const char* kWaiting = "86400";
inline constexpr const char* kEnded = "3600";

class Keys {
 public:
  explicit Keys(std::string prefix = "ryumem:") : prefix_(std::move(prefix)) {}

  std::string pending() const { return prefix_ + "extraction_jobs"; }
  std::string processing() const { return prefix_ + "extraction_processing"; }
  std::string job(std::string_view id) const { return job_prefix() + std::string(id); }
  std::string result(std::string_view id) const { return prefix_ + "result:" + std::string(id); }

  /// Hash: id of a job that one of us holds -> the token of its claim.
  std::string owners() const { return prefix_ + "owners"; }
  /// Sorted set: the same ids -> when the lease runs out, in ms of Redis' clock.
  std::string leases() const { return prefix_ + "leases"; }
  /// Sorted set: id -> when it is due again, in ms.
  std::string delayed() const { return prefix_ + "delayed"; }
  /// Sorted set: id -> when it was buried, in ms.
  std::string dead() const { return prefix_ + "dead"; }
  /// Sorted set: id of a dead job the server has to be told of -> when to try, in ms.
  std::string untold() const { return prefix_ + "untold"; }
  /// Hash: id in the processing list that none of us holds -> since when, and its body's digest.
  std::string strangers() const { return prefix_ + "strangers"; }
  /// Hash: what no job is claimed for -> who said so, since when and why, as JSON.
  std::string paused() const { return prefix_ + "paused"; }
  /// Sorted set: id of a job that waits because what may be spent in a day is spent -> since when.
  std::string parked() const { return prefix_ + "parked"; }
  /// Hash: supervisor -> what it says of itself (fleet.h).
  std::string fleet() const { return prefix_ + "fleet"; }
  /// Hash: what nobody is to ask for a while -> why, and who tries it (shared_circuits.h).
  std::string circuits() const { return prefix_ + "circuits"; }
  /// Hash: what was spent on a day ("2026-11-25", UTC), of all and of each customer.
  std::string spend(std::string_view day) const { return spend_prefix() + std::string(day); }
  /// String: what was found out by trying, kept for a while (notebook.h).
  std::string found(std::string_view what) const { return prefix_ + "found:" + std::string(what); }
  /// Hash: the rate at which a model may be asked, and who asks it (lane.h).
  std::string lane(std::string_view name) const { return lane_prefix() + std::string(name); }
  /// Hash: what a job has behind it.
  std::string journal(std::string_view id) const { return journal_prefix() + std::string(id); }
  /// Hash: the dead letter of a job.
  std::string letter(std::string_view id) const { return letter_prefix() + std::string(id); }

  std::string job_prefix() const { return prefix_ + "job:"; }
  std::string journal_prefix() const { return prefix_ + "journal:"; }
  std::string letter_prefix() const { return prefix_ + "dead:"; }
  std::string spend_prefix() const { return prefix_ + "spend:"; }
  std::string lane_prefix() const { return prefix_ + "lane:"; }

  /// The KEYS and the first of the ARGV of every script, in the order of scripts/prelude.lua.
  std::vector<std::string> of_scripts() const {
    return {pending(), processing(), owners(), leases(), delayed(), dead(),
            untold(),  strangers(),  paused(), parked(), fleet(),   circuits()};
  }
  std::vector<std::string> prefixes() const {
    return {job_prefix(), journal_prefix(), letter_prefix(), spend_prefix(), lane_prefix()};
  }

 private:
  std::string prefix_;
};

}  // namespace ryumem
